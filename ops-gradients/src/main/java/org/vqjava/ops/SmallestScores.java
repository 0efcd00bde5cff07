/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** Which scores of a row are the smallest, within rounding. */
final class SmallestScores {
  private SmallestScores() {}

  /**
   * Elements of a matrix.
   *
   * @param rows {@code [P]}, ascending
   * @param columns {@code [P]}
   */
  record Pairs(Operand<TInt64> rows, Operand<TInt64> columns) {}

  /**
   * Elements of {@code [n, K]} that are above the least of their row by no more than its margin,
   * {@code [n, 1]}. To compare each element takes longer than to compute it: groups without one are
   * left out by their least element.
   */
  static <T extends TFloating> Pairs within(
      Ops tf, Operand<T> scores, long size, Operand<T> margin) {
    int group = LargestScore.inGroups(size) ? LargestScore.GROUP : Math.toIntExact(size);
    int groups = Math.toIntExact(size / group);
    Operand<T> least =
        tf.min(tf.reshape(scores, tf.constant(new int[] {-1, groups, group})), tf.constant(2));
    Operand<T> limit =
        tf.math.add(tf.expandDims(tf.min(least, tf.constant(1)), tf.constant(1)), margin);
    Pairs some = where(tf, least, limit);
    Operand<TInt64> number =
        tf.math.add(tf.math.mul(some.rows(), tf.constant((long) groups)), some.columns());
    Operand<T> members =
        tf.gather(tf.reshape(scores, tf.constant(new int[] {-1, group})), number, tf.constant(0));
    Pairs within = where(tf, members, tf.gather(limit, some.rows(), tf.constant(0)));
    Operand<TInt64> first = tf.math.mul(some.columns(), tf.constant((long) group));
    return new Pairs(
        tf.gather(some.rows(), within.rows(), tf.constant(0)),
        tf.math.add(tf.gather(first, within.rows(), tf.constant(0)), within.columns()));
  }

  private static <T extends TFloating> Pairs where(Ops tf, Operand<T> scores, Operand<T> limit) {
    List<Operand<TInt64>> columns =
        List.copyOf(
            tf.<TInt64>unstack(tf.where(tf.math.lessEqual(scores, limit)), 2L, Unstack.axis(1L))
                .output());
    return new Pairs(columns.get(0), columns.get(1));
  }
}
