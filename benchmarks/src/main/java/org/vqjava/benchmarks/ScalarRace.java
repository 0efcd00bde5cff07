/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.NearestScalar;

/** The nearest of few numbers for each of many weights. */
final class ScalarRace {
  private ScalarRace() {}

  static Race of(int weights, int size) {
    TimedGraph one = TimedGraph.ofOneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1);
    TFloat32 values = TimedGraph.normal(1, weights);
    TFloat32 codes = TimedGraph.normal(2, size);
    Operand<TFloat32> book = tf.constantOf(codes);
    Operand<TInt32> nearest = NearestScalar.indices(tf, x, book);
    Operand<TInt32> theirs = absoluteDifferences(tf, x, book);
    for (Operand<TInt32> indices : List.of(nearest, theirs)) {
      BruteForce.checkNearest(
          "nearest scalar",
          TimedGraph.numbers(values),
          TimedGraph.numbers(codes),
          1,
          one.indices(x, values, indices));
    }
    Operand<TFloat32> sorted =
        tf.reshape(
            tf.math.neg(tf.nn.topK(tf.math.neg(book), tf.constant(size), TInt32.class).values()),
            tf.constant(new int[] {1, -1}));
    return new Race(
        weights + " weights, " + size + " clusters",
        List.of(
            one.contender("tfmot's formula", x, values, theirs),
            one.contender("nearest scalar", x, values, nearest),
            one.contender(
                "place among sorted numbers, LowerBound",
                x,
                values,
                tf.lowerBound(sorted, tf.reshape(x, tf.constant(new int[] {1, -1}))))),
        () -> {
          one.close();
          values.close();
          codes.close();
        });
  }

  /** tensorflow-model-optimization's: all differences, {@code [n, k]}; written here anew. */
  private static Operand<TInt32> absoluteDifferences(
      Ops tf, Operand<TFloat32> x, Operand<TFloat32> book) {
    return tf.math.argMin(
        tf.math.abs(tf.math.sub(tf.expandDims(x, tf.constant(1)), book)),
        tf.constant(1),
        TInt32.class);
  }
}
