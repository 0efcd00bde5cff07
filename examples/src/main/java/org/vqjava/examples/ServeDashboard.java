/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.vqjava.dashboard.DashboardOptions;
import org.vqjava.dashboard.DashboardServer;
import org.vqjava.dashboard.RunCatalog;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;

/** The dashboard served by a program of one's own, which shows what that program trains. */
public final class ServeDashboard {
  private static final int CODES = 32;
  private static final int STEPS = 200;

  private ServeDashboard() {}

  /**
   * Serves, trains, and prints where the page was.
   *
   * @param arguments the directory whose logs are shown too; a temporary one if there is none
   * @throws IOException if there is no such directory
   */
  public static void main(String[] arguments) throws IOException {
    Path directory =
        arguments.length == 0 ? Files.createTempDirectory("vq") : Path.of(arguments[0]);
    serve(directory, page -> System.out.println("trained, and shown at " + page));
  }

  /** The page is there as long as the visitor stays. */
  static void serve(Path directory, Consumer<URI> visitor) {
    // region serve
    try (RunCatalog runs = RunCatalog.open(directory); // logs in it are shown too
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      RunInfo info = new RunInfo("mine", Instant.now(), Map.of("codes", "32"));
      try (Recorder recorder = Recorder.open(RecorderOptions.every(10), List.of(runs.add(info)))) {
        train(recorder.codebook("bottleneck", CODES));
        recorder.end(RunOutcome.finished());
      }
      visitor.accept(server.address()); // a service would wait here
    }
    // endregion
  }

  /** Stands for a training: vectors that take codes. */
  private static void train(CodebookRecorder codes) {
    Random random = new Random(1);
    for (int step = 1; step <= STEPS; step++) {
      codes.record(Observation.at(step).assignments(random.ints(256, 0, CODES).toArray()));
    }
  }
}
