/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.ChildProcess;

/** A process that is killed while it saves loses nothing but the steps since. */
class CheckpointKillTest {
  private static final int KILLS = 4;
  private static final String BIAS = "probs/bias";

  /** Saves as fast as it can; every number of a variable is the step. */
  static final class Saver {
    private Saver() {}

    public static void main(String[] arguments) throws IOException {
      Path checkpoints = Path.of(arguments[1]);
      try (TrainableModel model = FlatModel.read(Path.of(arguments[0])).load()) {
        long step = model.restoreCheckpoint(checkpoints).orElse(0);
        while (true) {
          step++;
          float value = step;
          try (TFloat32 bias =
              TFloat32.tensorOf(Shape.of(10), t -> t.scalars().forEach(s -> s.setFloat(value)))) {
            model.set(Map.of(BIAS, bias));
          }
          model.saveCheckpoint(checkpoints, step);
          System.out.println("saved " + step);
        }
      }
    }
  }

  @Test
  void theNewestCheckpointIsWhole(@TempDir Path checkpoints) throws Exception {
    Path dense = ModelFolders.model("dense-digits");
    Random random = new Random(1);
    long before = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long saved = killedAfter(5 + random.nextInt(30), dense, checkpoints);
      try (TrainableModel model = FlatModel.read(dense).load()) {
        long step = model.restoreCheckpoint(checkpoints).orElseThrow();
        assertTrue(step >= saved && step <= saved + 1 && step > before, step + " " + saved);
        before = step;
        try (Result result = model.session().runner().fetch(model.weight(BIAS)).run()) {
          float expected = step;
          ((TFloat32) result.get(0)).scalars().forEach(s -> assertEquals(expected, s.getFloat()));
        }
      }
    }
  }

  /** The last step that it said that it saved. */
  private static long killedAfter(int lines, Path model, Path checkpoints) throws IOException {
    Process process =
        ChildProcess.start(Saver.class, "256m", model.toString(), checkpoints.toString());
    long saved = 0;
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      int left = lines;
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith("saved ")) {
          saved = Long.parseLong(line.substring("saved ".length()));
          if (--left == 0) {
            process.toHandle().destroyForcibly();
          }
        }
      }
    } finally {
      process.destroyForcibly();
    }
    return saved;
  }
}
