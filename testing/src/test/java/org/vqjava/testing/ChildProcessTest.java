/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
  /** Prints its arguments, or fails. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      System.out.println("count " + arguments.length);
      if (arguments.length > 1) {
        throw new IllegalStateException("too many");
      }
    }
  }

  @Test
  void whatAProcessPrintsIsRead(@TempDir Path directory) throws Exception {
    List<String> lines = ChildProcess.run(Main.class, "64m", directory.resolve("output"), "one");
    assertEquals(1, ChildProcess.number(lines, "count"));
    assertThrows(AssertionError.class, () -> ChildProcess.number(lines, "sum"));
  }

  @Test
  void aProcessThatFailsTellsWhatItPrinted(@TempDir Path directory) {
    AssertionError failed =
        assertThrows(
            AssertionError.class,
            () -> ChildProcess.run(Main.class, "64m", directory.resolve("output"), "one", "two"));
    assertTrue(String.valueOf(failed.getMessage()).contains("too many"), failed::getMessage);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's /proc tells the figure")
  void memoryIsWhatTheKernelTells() throws IOException {
    assertTrue(ChildProcess.memory("VmHWM") >= ChildProcess.memory("VmRSS") / 2);
    ChildProcess.resetPeakMemory();
    assertTrue(ChildProcess.memory("VmHWM") < 2 * ChildProcess.memory("VmRSS"));
    assertThrows(IOException.class, () -> ChildProcess.memory("VmNone"));
  }
}
