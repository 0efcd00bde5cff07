/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that trains is told to end, as by Ctrl-C or by a service manager. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process is ended there without a signal")
class StopSignalTest {
  private static final int TERMINATED = 128 + 15;
  private static final int TIMEOUT_SECONDS = 600;

  @Test
  void aSignalSavesTheTrainingAndTellsHowToGoOn(@TempDir Path directory) throws Exception {
    Path run = directory.resolve("run");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                Vq.class.getName(),
                "train",
                "--epochs",
                "100000",
                "--out",
                run.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertTrue(out.lines().anyMatch(line -> line.startsWith("epoch 2,")));
      process.toHandle().destroy(); // unlike its own, which closes what it prints to
      List<String> rest = out.lines().toList();
      assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
      assertEquals(TERMINATED, process.exitValue());
      String last = rest.get(rest.size() - 1);
      assertTrue(
          last.matches(
              "stopped after step \\d+ of 2300000 and saved; \\./vq train --resume \\S+ goes on"),
          last);
      int step = Integer.parseInt(last.replaceAll("stopped after step (\\d+) .*", "$1"));
      assertEquals(
          List.of(String.format(Locale.ROOT, "step-%07d", step)),
          names(run.resolve("checkpoints")));
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(e -> String.valueOf(e.getFileName())).toList();
    }
  }

  private static String classPath() {
    String own = Objects.requireNonNull(System.getProperty("java.class.path"));
    return System.getProperty("surefire.test.class.path", own);
  }
}
