/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.testing.ChildProcess;

/**
 * The most resident memory of a process of its own, virtual machine and TensorFlow included, for
 * 65,536 vectors of width 64 and 8,192 codes. The original's differences would be 128 GiB, a matrix
 * of distances 2 GiB.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's /proc tells the figure")
class BoundedMemoryTest {
  private static final long GIB_IN_KIB = 1 << 20;

  private final Path directory;

  BoundedMemoryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void indicesStayWithinOneGibibyte() throws Exception {
    peakIsAtMost("indices", LookUpProcess.ROWS, GIB_IN_KIB);
  }

  @Test
  void gradientsOfAllLossesStayWithinTwoGibibytes() throws Exception {
    peakIsAtMost("gradients", LookUpProcess.SIZE * LookUpProcess.WIDTH, 2 * GIB_IN_KIB);
  }

  private void peakIsAtMost(String what, long values, long limit)
      throws IOException, InterruptedException {
    List<String> lines =
        ChildProcess.run(LookUpProcess.class, "256m", directory.resolve(what), what);
    long kib = ChildProcess.number(lines, "KiB");
    System.out.printf(Locale.ROOT, "peak memory of %s: %d MiB%n", what, kib / 1024);
    assertTrue(kib <= limit, () -> kib + " KiB, at most " + limit);
    assertEquals(values, ChildProcess.number(lines, "values"));
  }
}
