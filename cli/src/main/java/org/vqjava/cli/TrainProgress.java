/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.vqjava.workflow.TrainingListener;
import org.vqjava.workflow.TrainingProgress;

/** Shows how far a training is. */
abstract class TrainProgress implements TrainingListener, AutoCloseable {

  static TrainProgress on(PrintWriter err, boolean terminal) {
    return terminal ? new Bar() : new Lines(err);
  }

  @Override
  public void close() {}

  private static String figures(TrainingProgress progress) {
    return String.format(
        Locale.ROOT,
        "loss %.4f mse %.4f used %d/%d perplexity %.1f replaced %d",
        progress.loss(),
        progress.reconstructionError(),
        progress.usage().used(),
        progress.usage().codes(),
        progress.usage().perplexity(),
        progress.replaced());
  }

  private static final class Bar extends TrainProgress {
    private static final int UPDATE_MILLIS = 200;
    private @Nullable ProgressBar bar;

    @Override
    public void started(int steps) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("training")
              .setInitialMax(steps)
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setStyle(ProgressBarStyle.ASCII)
              .hideEta()
              .build();
    }

    @Override
    public void stepped(TrainingProgress progress) {
      if (bar != null) {
        bar.stepTo(progress.step());
        bar.setExtraMessage(" " + figures(progress));
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
    private final PrintWriter err;

    Lines(PrintWriter err) {
      this.err = err;
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
                figures(progress)));
      }
    }

    @Override
    public void finishing(String what) {
      print(what);
    }

    private void print(String line) {
      err.println(line);
      err.flush();
    }
  }
}
