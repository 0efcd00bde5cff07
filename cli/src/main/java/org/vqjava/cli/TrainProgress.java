/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.workflow.TrainingListener;
import org.vqjava.workflow.TrainingProgress;

/** Shows how far a training is. */
abstract class TrainProgress implements TrainingListener, AutoCloseable {

  private final PrintWriter err;
  private Settings settings = Settings.ofRun();
  private Consumer<Snapshot> snapshots = snapshot -> {};

  private TrainProgress(PrintWriter err) {
    this.err = err;
  }

  static TrainProgress on(PrintWriter err, boolean terminal) {
    return terminal ? new Bar(err) : new Lines(err);
  }

  /** Prints warnings alone. */
  static TrainProgress quiet(PrintWriter err) {
    return new TrainProgress(err) {
      @Override
      public void settled(Map<String, Object> options, String images) {}
    };
  }

  /** Knows what was typed, and so what came to fit it. */
  TrainProgress withSettings(Settings typed) {
    settings = typed;
    return this;
  }

  @Override
  public void settled(Map<String, Object> options, String images) {
    print("data: " + images);
    print(settings.line(options));
  }

  /** Hands each snapshot on. */
  TrainProgress withSnapshots(Consumer<Snapshot> taker) {
    snapshots = taker;
    return this;
  }

  @Override
  public void snapshot(Snapshot snapshot) {
    snapshots.accept(snapshot);
  }

  @Override
  public void warned(String message) {
    print(message);
  }

  final void print(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public void close() {}

  /** By a format for loss, mse, codes used, codes, perplexity, replaced. */
  private static String figures(String format, TrainingProgress progress) {
    return String.format(
        Locale.ROOT,
        format,
        progress.loss(),
        progress.reconstructionError(),
        progress.usage().used(),
        progress.usage().codes(),
        progress.usage().perplexity(),
        progress.replaced());
  }

  private static final class Bar extends TrainProgress {
    /** As much as 80 columns have room for. */
    private static final String FIGURES = " loss %.3f mse %.4f used %d/%d ppl %.1f repl %d";

    private @Nullable ProgressBar bar;

    Bar(PrintWriter err) {
      super(err);
    }

    @Override
    public void started(int steps) {
      bar = Bars.of("", steps);
    }

    @Override
    public void stepped(TrainingProgress progress) {
      if (bar != null) {
        bar.setExtraMessage(figures(FIGURES, progress));
        bar.stepTo(progress.step());
      }
    }

    @Override
    public void finishing(String what) {
      close();
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }

  /** A line an epoch. */
  private static final class Lines extends TrainProgress {
    private static final String FIGURES =
        "loss %.4f mse %.4f used %d/%d perplexity %.1f replaced %d";

    Lines(PrintWriter err) {
      super(err);
    }

    @Override
    public void stepped(TrainingProgress progress) {
      if (progress.endOfEpoch()) {
        print(
            String.format(
                Locale.ROOT,
                "epoch %d, step %d of %d: %s",
                progress.epoch(),
                progress.step(),
                progress.steps(),
                figures(FIGURES, progress)));
      }
    }

    @Override
    public void finishing(String what) {
      print(what);
    }
  }
}
