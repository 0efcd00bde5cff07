/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** What one sees of a job with stages, with a terminal and without. */
class StageProgressTest {

  private static void work(StageProgress progress) {
    progress.stage("first", 20);
    for (int i = 1; i <= 20; i++) {
      progress.stepped(i, "loss " + i);
    }
    progress.stage("second", 3);
    for (int i = 1; i <= 3; i++) {
      progress.stepped(i, "loss " + i);
    }
    progress.stage("drawing", 0);
  }

  @Test
  void withoutATerminalThereIsALineAtEachTenth() {
    StringWriter err = new StringWriter();
    try (StageProgress progress = StageProgress.on(new PrintWriter(err), false)) {
      work(progress);
    }
    String[] lines = err.toString().split(System.lineSeparator(), -1);
    assertEquals(15, lines.length, "10 + 3 + 1, and an empty one after the last");
    assertEquals("first, step 2 of 20: loss 2", lines[0]);
    assertEquals("first, step 20 of 20: loss 20", lines[9]);
    assertEquals("second, step 1 of 3: loss 1", lines[10]);
    assertEquals("drawing", lines[13]);
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void onATerminalThereIsABarForEachStage() {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (StageProgress progress = StageProgress.on(new PrintWriter(new StringWriter()), true)) {
      work(progress);
    } finally {
      System.setErr(before);
    }
    String shown = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(shown.contains("20/20"), shown);
    assertTrue(shown.contains("loss 20"), shown);
    assertTrue(shown.contains("3/3"), shown);
  }
}
