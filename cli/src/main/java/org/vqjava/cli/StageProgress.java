/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import org.vqjava.workflow.ProgressListener;

/** Shows how far a job of several stages is. */
abstract class StageProgress implements ProgressListener, AutoCloseable {

  private final PrintWriter err;
  private Settings settings = Settings.ofRun();

  private StageProgress(PrintWriter err) {
    this.err = err;
  }

  static StageProgress on(PrintWriter err, boolean terminal) {
    return terminal ? new Bar(err) : new Lines(err);
  }

  /** Prints warnings alone. */
  static StageProgress quiet(PrintWriter err) {
    return new StageProgress(err) {
      @Override
      public void settled(Map<String, Object> options, String images) {}
    };
  }

  /** Knows what was typed, and so what came to fit it. */
  StageProgress withSettings(Settings typed) {
    settings = typed;
    return this;
  }

  @Override
  public void settled(Map<String, Object> options, String images) {
    print("data: " + images);
    print(settings.line(options));
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

  /** A bar for each stage that has steps. */
  private static final class Bar extends StageProgress {
    private @Nullable ProgressBar bar;

    Bar(PrintWriter err) {
      super(err);
    }

    @Override
    public void stage(String name, int steps) {
      close();
      if (steps > 0) {
        bar = Bars.of(name, steps);
      }
    }

    @Override
    public void stepped(int step, String figures) {
      if (bar != null) {
        bar.setExtraMessage(" " + figures);
        bar.stepTo(step);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }

  /** A line at each tenth of a stage. */
  private static final class Lines extends StageProgress {
    private static final int LINES_OF_A_STAGE = 10;
    private String stage = "";
    private int steps;

    Lines(PrintWriter err) {
      super(err);
    }

    @Override
    public void stage(String name, int count) {
      stage = name;
      steps = count;
      if (count == 0) {
        print(name);
      }
    }

    @Override
    public void stepped(int step, String figures) {
      long tenth = (long) step * LINES_OF_A_STAGE / steps;
      if (tenth > (long) (step - 1) * LINES_OF_A_STAGE / steps) {
        print(stage + ", step " + step + " of " + steps + ": " + figures);
      }
    }
  }
}
