/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.AccessCount;
import org.vqjava.ops.FiniteRows;

/**
 * What the pieces take from the codebook. A piece that is not finite takes nothing: NaN in place of
 * a code, which is not counted and gives no code a gradient.
 *
 * @param finite which pieces are finite, {@code [N]}
 * @param chosen the codes, with a gradient to the codebook, {@code [N, D]}
 */
record Taken<T extends TFloating>(Operand<TBool> finite, Operand<T> chosen) {

  static <T extends TFloating> Taken<T> of(
      Ops tf, Operand<T> pieces, Operand<T> codes, Operand<TInt32> nearest) {
    Operand<TBool> finite = FiniteRows.of(tf, pieces);
    int size = Math.toIntExact(codes.shape().get(0));
    int width = Math.toIntExact(codes.shape().get(1));
    Operand<T> nothing =
        tf.fill(
            tf.constant(new int[] {1, width}),
            tf.dtypes.cast(tf.constant(Double.NaN), codes.type()));
    return new Taken<>(
        finite,
        tf.gather(
            tf.concat(List.of(codes, nothing), tf.constant(0)),
            tf.select(finite, nearest, tf.constant(size)),
            tf.constant(0)));
  }

  /** How often each of K codes is taken by pieces that are finite and count, {@code [K]}. */
  Operand<TInt64> count(Ops tf, Operand<TInt32> nearest, int size) {
    // A negative index is not counted.
    return AccessCount.of(tf, tf.select(finite, nearest, tf.constant(-1)), size);
  }

  /** A figure of each piece, {@code [N]}, with a number in place of that of one not finite. */
  Operand<T> orElse(Ops tf, Operand<T> figures, double number) {
    return tf.select(finite, figures, tf.dtypes.cast(tf.constant(number), figures.type()));
  }
}
