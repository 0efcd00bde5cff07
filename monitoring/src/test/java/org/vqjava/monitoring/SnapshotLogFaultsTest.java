/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Logs of processes of their own: one that is killed, one on a disk that is full. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "limits are set by a shell")
class SnapshotLogFaultsTest {
  private final Path file;

  SnapshotLogFaultsTest(@TempDir Path directory) {
    this.file = directory.resolve("log");
  }

  private Process start(String limit, int snapshots) throws IOException {
    String own = Objects.requireNonNull(System.getProperty("java.class.path"));
    String java =
        Path.of(Objects.requireNonNull(System.getProperty("java.home")), "bin", "java").toString();
    return new ProcessBuilder(
            "sh",
            "-c",
            limit + " exec \"$@\"",
            "sh",
            java,
            "-Xmx128m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("surefire.test.class.path", own),
            LogWriterProcess.class.getName(),
            file.toString(),
            Integer.toString(snapshots))
        .redirectErrorStream(true)
        .start();
  }

  private List<Long> steps() throws IOException {
    List<Long> steps = new ArrayList<>();
    new SnapshotLogReader(file)
        .poll(
            new SnapshotLogReader.Listener() {
              @Override
              public void snapshot(Snapshot snapshot) {
                steps.add(snapshot.step());
              }
            });
    return steps;
  }

  @Test
  void whatAKilledWriterHadWrittenIsRead() throws Exception {
    Process process = start("", Integer.MAX_VALUE);
    long told = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null && told < 500; line = lines.readLine()) {
        assertTrue(line.startsWith("written "), line);
        told = Long.parseLong(line.substring(8));
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    List<Long> steps = steps();
    assertTrue(steps.size() >= told, () -> "told 500, read " + steps.size());
    for (int i = 0; i < steps.size(); i++) {
      assertEquals(i + 1, steps.get(i));
    }
  }

  /** {@code ulimit -f} counts in blocks of 512 bytes or of 1,024, as the shell has it. */
  @Test
  void aFullDiskEndsTheLogAndNotTheTraining() throws Exception {
    Process process = start("trap '' XFSZ; ulimit -f 100;", 1000);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("trained to the end"), output);
    assertTrue(output.contains("failure: cannot write " + file + " (File too large)"), output);
    assertTrue(Files.size(file) <= 102_400);
    List<Long> steps = steps();
    assertTrue(steps.size() > 10, steps::toString);
    assertEquals(steps.size(), steps.get(steps.size() - 1));
  }
}
