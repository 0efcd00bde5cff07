/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a log until it is killed, or as much as there is room for. */
final class LogWriterProcess {
  private LogWriterProcess() {}

  /** With the log, and how many snapshots there are. */
  public static void main(String[] arguments) {
    List<Snapshot> some = Samples.run(64, 8, 10, 1);
    SnapshotLog log =
        SnapshotLog.open(
            Path.of(arguments[0]), new RunInfo("child", Samples.NOON.instant(), Map.of()));
    String[] failure = new String[1];
    try (Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1),
            List.of(log),
            (sink, e) -> failure[0] = String.valueOf(e.getMessage()))) {
      CodebookRecorder codes = recorder.codebook("a", 64);
      for (int step = 1; step <= Integer.parseInt(arguments[1]); step++) {
        codes.record(
            Observation.at(step)
                .accessCount(some.get(step % 10).counts())
                .codebook(some.get(0).view().orElseThrow().values(), 8));
        if (step % 100 == 0) {
          System.out.println("written " + step);
        }
      }
      System.out.println("trained to the end");
    }
    System.out.println("failure: " + failure[0]);
  }
}
