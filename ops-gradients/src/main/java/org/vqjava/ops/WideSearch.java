/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The nearest code by differences in float64, scaled so that no square is out of range: for the few
 * vectors whose distances overflow, and those that are not finite.
 */
final class WideSearch {
  /** Brings the largest double to 2^504, and what overflowed above 2^511 no lower than 2^-9. */
  private static final double SCALE = Math.scalb(1.0, -520);

  private WideSearch() {}

  /**
   * Looks some vectors up again.
   *
   * @param lost which ones, {@code [n]}
   * @param found what all others have, {@code [n]}
   * @return {@code found} with the nearest code of each lost vector; the first usable one for a
   *     vector that is not finite
   */
  static <T extends TFloating> Operand<TInt32> again(
      Ops tf,
      Operand<TBool> lost,
      Operand<TInt32> found,
      Operand<T> vectors,
      UsableCodes<T> codes,
      Norm norm) {
    Operand<TInt64> candidates =
        tf.reshape(tf.where(tf.math.logicalAnd(lost, codes.any(tf))), tf.constant(new int[] {-1}));
    Operand<TBool> finite = FiniteRows.of(tf, tf.gather(vectors, candidates, tf.constant(0)));
    Operand<TInt64> rows =
        tf.gather(
            candidates, tf.reshape(tf.where(finite), tf.constant(new int[] {-1})), tf.constant(0));
    Operand<TInt32> nearest =
        RowBlocks.scan(
                tf,
                List.of(rows),
                List.of(vectors, codes.codes(), codes.finite()),
                new RowBlocks.Parts(List.of(tf.constant(new int[0])), List.of()),
                Differences.blockRows(codes.codes().shape().get(0), codes.codes().shape().get(1)),
                (f, block) -> {
                  Operand<T> x =
                      f.gather(block.<T>constant(0), block.<TInt64>row(0), f.constant(0));
                  Operand<T> all =
                      new UsableCodes<T>(block.constant(1), block.constant(2))
                          .orElse(f, Double.POSITIVE_INFINITY);
                  Operand<TFloat64> differences =
                      Differences.of(
                          f,
                          wide(f, x),
                          f.linalg.transpose(wide(f, all), f.constant(new int[] {1, 0})));
                  return new RowBlocks.Parts(
                      List.of(
                          f.math.argMin(
                              Differences.norms(f, differences, norm),
                              f.constant(1),
                              TInt32.class)),
                      List.of());
                })
            .row(0);
    return tf.tensorScatterNdUpdate(
        tf.select(lost, codes.first(tf), found), tf.expandDims(rows, tf.constant(1)), nearest);
  }

  private static <T extends TFloating> Operand<TFloat64> wide(Ops tf, Operand<T> operand) {
    Operand<TFloat64> cast = tf.dtypes.cast(operand, TFloat64.class);
    return operand.type().equals(TFloat64.class) ? tf.math.mul(cast, tf.constant(SCALE)) : cast;
  }
}
