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
    OneThread one = new OneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1);
    TFloat32 values = OneThread.normal(1, weights);
    TFloat32 codes = OneThread.normal(2, size);
    Operand<TFloat32> book = tf.constantOf(codes);
    return new Race(
        weights + " weights, " + size + " clusters",
        List.of(
            one.contender("the original's formula", x, values, absoluteDifferences(tf, x, book)),
            one.contender("nearest scalar", x, values, NearestScalar.indices(tf, x, book))),
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
