/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The most resident memory of a process of its own, virtual machine and TensorFlow included, for
 * 65,536 vectors of width 64 and 8,192 codes. The original's differences would be 128 GiB, a matrix
 * of distances 2 GiB.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's /proc tells the figure")
class BoundedMemoryTest {
  private static final int TIMEOUT_MINUTES = 5;
  private static final long GIB_IN_KIB = 1 << 20;

  private final Path directory;

  BoundedMemoryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void indicesStayWithinOneGibibyte() throws Exception {
    assertEquals("values " + LookUpProcess.ROWS, peak("indices", GIB_IN_KIB));
  }

  @Test
  void gradientsOfAllLossesStayWithinTwoGibibytes() throws Exception {
    assertEquals(
        "values " + LookUpProcess.SIZE * LookUpProcess.WIDTH, peak("gradients", 2 * GIB_IN_KIB));
  }

  private String peak(String what, long limit) throws IOException, InterruptedException {
    Path output = directory.resolve(what);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                classPath(),
                LookUpProcess.class.getName(),
                what)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES), "no end in sight");
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
    long kib = Long.parseLong(line(lines, "KiB ").substring("KiB ".length()));
    System.out.printf("peak memory of %s: %d MiB%n", what, kib / 1024);
    assertTrue(kib <= limit, () -> kib + " KiB, at most " + limit);
    return line(lines, "values ");
  }

  private static String line(List<String> lines, String start) {
    return lines.stream().filter(l -> l.startsWith(start)).findFirst().orElseThrow();
  }

  private static String classPath() {
    String own = Objects.requireNonNull(System.getProperty("java.class.path"));
    return System.getProperty("surefire.test.class.path", own);
  }
}
