/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.testing.Evaluate;

class SegmentSumsTest {
  @Test
  void sumsWhatBelongsTogether() {
    assertArrayEquals(
        new double[] {3, 4, 6, 8, 0, 0},
        Evaluate.one(
            tf ->
                SegmentSums.of(
                    tf,
                    tf.constant(new float[][] {{1, 2}, {3, 4}, {5, 6}, {7, 8}}),
                    tf.constant(new int[] {1, 0, 1, -1}),
                    3)));
  }

  /** Thirty times as many numbers have an error that is no larger. */
  @ParameterizedTest
  @ValueSource(ints = {100_000, 3_000_000})
  void theErrorDoesNotGrowWithTheirNumber(int count) {
    double[] sums =
        Evaluate.one(
            tf -> {
              Operand<TFloat32> tenths =
                  tf.fill(tf.constant(new int[] {count, 1}), tf.constant(0.1f));
              return SegmentSums.of(
                  tf, tenths, tf.zeros(tf.constant(new int[] {count}), TInt32.class), 1);
            });
    assertEquals((double) 0.1f, sums[0] / count, 1e-12);
  }

  @Test
  void refusesNoSegments() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      assertEquals(
          "count must be at least 1, got 0",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      SegmentSums.of(tf, tf.constant(new float[2][2]), tf.constant(new int[2]), 0))
              .getMessage());
    }
  }
}
