/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

class GoldenOutputsTest {
  private static final String CASE =
      """
      {
        "case": "vq/small", "function": "f", "about": "a small one",
        "provenance": {"implementation": "by hand"},
        "params": {"sizes": [3, 4]},
        "inputs": {"names": {"dtype": "string", "shape": [2], "values": ["a", "b"]}},
        "expected": {"indices": {"dtype": "int32", "shape": [2], "values": [1, 0]},
                     "loss": {"dtype": "float32", "shape": [], "values": [0.5]}},
        "tolerance": {"absolute": 1e-3, "relative": 0}
      }
      """;

  /** Two vectors; the first is as near to code 1 as to code 0. */
  private static final float[][] DISTANCE = {{2, 2}, {1, 3}};

  private static boolean check(int[] indices, float loss, boolean fast) throws IOException {
    GoldenCase golden =
        GoldenCase.read(new ByteArrayInputStream(CASE.getBytes(StandardCharsets.UTF_8)));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<?> found = tf.constant(indices);
      GoldenOutputs outputs = new GoldenOutputs();
      outputs.addOfChoice(golden.expected(), "indices", found);
      outputs.addOfChoice(golden.expected(), "loss", tf.constant(loss));
      outputs.add(golden.expected(), "absent", tf.constant(0));
      try (Session session = new Session(graph)) {
        return outputs.check(
            session.runner(), found, tf.constant(DISTANCE), fast, golden.tolerance());
      }
    }
  }

  @Test
  void whatAgreesAgrees() throws IOException {
    assertTrue(check(new int[] {1, 0}, 0.5004f, false));
    assertTrue(check(new int[] {1, 0}, 0.5004f, true));
  }

  @Test
  void whatDiffersIsTold() {
    assertThrows(AssertionError.class, () -> check(new int[] {1, 0}, 0.51f, false));
    assertThrows(AssertionError.class, () -> check(new int[] {0, 0}, 0.5f, false));
  }

  @Test
  void anotherCodeThatIsAsNearMayBeChosenFast() throws IOException {
    assertFalse(check(new int[] {0, 0}, 7, true), "what follows from the choice is not compared");
    assertThrows(AssertionError.class, () -> check(new int[] {1, 1}, 0.5f, true));
  }

  @Test
  void textsAndValuesOfAnyFormAreRead() throws IOException {
    GoldenCase golden =
        GoldenCase.read(new ByteArrayInputStream(CASE.getBytes(StandardCharsets.UTF_8)));
    assertEquals(List.of("a", "b"), golden.inputs().tensor("names").texts());
    assertEquals(4, golden.params().json("sizes").get(1).intValue());
  }
}
