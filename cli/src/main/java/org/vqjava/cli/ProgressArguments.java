/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import picocli.CommandLine.Option;

/** How a command shows how far it is; the same in all that take a while. */
final class ProgressArguments extends Quiet {
  @Option(
      names = "--plain",
      description = "lines in place of a progress bar; without a terminal always")
  private boolean plain;

  StageProgress stages() {
    return isOn() ? StageProgress.quiet(err()) : StageProgress.on(err(), bars());
  }

  TrainProgress training() {
    return isOn() ? TrainProgress.quiet(err()) : TrainProgress.on(err(), bars());
  }

  /** What takes a while, and leaves nothing where it is stopped. */
  @FunctionalInterface
  interface Job {
    void run(StageProgress progress) throws IOException, InterruptedException;
  }

  /** Runs it, and tells how it ended; Ctrl-C stops it. */
  int run(Job job) throws IOException {
    Notices.keepOff();
    StopSignal signal = StopSignal.toThisThread();
    try (StageProgress progress = stages()) {
      job.run(progress);
      return 0;
    } catch (InterruptedException e) {
      err().println("stopped; nothing is written");
      err().flush();
      return StopSignal.EXIT_CODE;
    } finally {
      signal.workIsDone();
    }
  }

  private boolean bars() {
    return !plain && Terminal.isThere();
  }
}
