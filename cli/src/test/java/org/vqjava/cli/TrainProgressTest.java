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
import org.vqjava.layers.CodebookUsage;
import org.vqjava.workflow.TrainingProgress;

class TrainProgressTest {
  private static TrainingProgress step(int step, boolean endOfEpoch) {
    return new TrainingProgress(
        step,
        4,
        (step + 1) / 2,
        endOfEpoch,
        0.5,
        0.25,
        new CodebookUsage.Summary(100, 8, 6, Math.log(4), 4),
        3);
  }

  @Test
  void withoutATerminalThereIsALineAnEpoch() {
    StringWriter err = new StringWriter();
    try (TrainProgress progress = TrainProgress.on(new PrintWriter(err), false)) {
      progress.started(4);
      for (int i = 1; i <= 4; i++) {
        progress.stepped(step(i, i % 2 == 0));
      }
      progress.finishing("drawing");
    }
    assertEquals(
        String.join(
                System.lineSeparator(),
                "epoch 1, step 2 of 4: loss 0.5000 mse 0.2500 used 6/8 perplexity 4.0 replaced 3",
                "epoch 2, step 4 of 4: loss 0.5000 mse 0.2500 used 6/8 perplexity 4.0 replaced 3",
                "drawing")
            + System.lineSeparator(),
        err.toString());
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void onATerminalThereIsABarWithTheFigures() {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (TrainProgress progress = TrainProgress.on(new PrintWriter(new StringWriter()), true)) {
      progress.started(4);
      progress.stepped(step(4, true));
      progress.finishing("drawing");
    } finally {
      System.setErr(before);
    }
    String shown = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(shown.contains("4/4"), shown);
    assertTrue(shown.contains("loss 0.500 mse 0.2500 used 6/8 ppl 4.0 repl 3"), shown);
  }

  @Test
  void rowsOfATableAreAligned() {
    Table table = new Table();
    table.row("a", "%d", 1);
    table.row("longer", "%.1f", 2.0);
    assertEquals(
        "a       1" + System.lineSeparator() + "longer  2.0" + System.lineSeparator(),
        table.toString());
  }
}
