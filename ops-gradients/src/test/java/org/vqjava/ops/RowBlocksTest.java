/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.TensorValues;

class RowBlocksTest {
  private static final int BLOCK = 4;
  private static final int WIDTH = 3;

  /** Rows times a factor, {@code [N, 3]}, and the sum of them all. */
  private static RowBlocks.Parts scaled(Ops tf, Operand<TFloat32> x, float factor) {
    Operand<TFloat32> noRows =
        tf.reshape(tf.constant(new float[0]), tf.constant(new int[] {0, WIDTH}));
    var nothing = new RowBlocks.Parts(List.of(noRows), List.of(tf.constant(0f)));
    return RowBlocks.scan(
        tf,
        List.of(x),
        List.of(tf.constant(factor)),
        nothing,
        BLOCK,
        (f, block) -> {
          Operand<TFloat32> rows = f.math.mul(block.<TFloat32>row(0), block.constant(0));
          return new RowBlocks.Parts(
              List.of(rows),
              List.of(
                  f.math.add(
                      block.<TFloat32>folded(0), f.sum(rows, f.constant(new int[] {0, 1})))));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 8, 11})
  void joinsAndFoldsWhateverTheNumberOfRows(int rows) {
    for (long known : new long[] {rows, Shape.UNKNOWN_SIZE}) {
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        Ops tf = Ops.create(graph);
        var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(known, WIDTH)));
        RowBlocks.Parts parts = scaled(tf, x, 2);
        assertEquals(Shape.of(known, WIDTH).toString(), parts.rows().get(0).shape().toString());
        float[] values = counted(rows, 1);
        try (TFloat32 fed = TFloat32.tensorOf(Shape.of(rows, WIDTH), DataBuffers.of(values));
            Result result =
                session
                    .runner()
                    .feed(x, fed)
                    .fetch(parts.rows().get(0))
                    .fetch(parts.folded().get(0))
                    .run()) {
          assertEquals(Shape.of(rows, WIDTH), result.get(0).shape());
          double[] expected = times(2, values);
          assertArrayEquals(expected, TensorValues.doubles(result.get(0)));
          assertEquals(Arrays.stream(expected).sum(), TensorValues.doubles(result.get(1))[0]);
        }
      }
    }
  }

  /**
   * Blocks are written in place: neither another scan of the same sizes may see it, nor another
   * run.
   */
  @Test
  void scansAndRunsDoNotDisturbEachOther() {
    int rows = 1001;
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(rows, WIDTH)));
      Operand<?> twice = scaled(tf, x, 2).rows().get(0);
      Operand<?> thrice = scaled(tf, x, 3).rows().get(0);
      IntStream.range(1, 33)
          .parallel()
          .forEach(
              run -> {
                float[] values = counted(rows, run);
                try (TFloat32 fed =
                        TFloat32.tensorOf(Shape.of(rows, WIDTH), DataBuffers.of(values));
                    Result result =
                        session.runner().feed(x, fed).fetch(twice).fetch(thrice).run()) {
                  assertArrayEquals(times(2, values), TensorValues.doubles(result.get(0)));
                  assertArrayEquals(times(3, values), TensorValues.doubles(result.get(1)));
                }
              });
    }
  }

  private static float[] counted(int rows, int from) {
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = from + i;
    }
    return values;
  }

  private static double[] times(int factor, float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> factor * values[i]).toArray();
  }
}
