/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Elements of a matrix that are small, by row and column.
 *
 * @param rows {@code [P]}, ascending
 * @param columns {@code [P]}
 */
record SmallScores(Operand<TInt64> rows, Operand<TInt64> columns) {
  /**
   * Those of {@code [n, K]} that are at most the limit of their row, {@code [n, 1]}. To compare
   * each element takes longer than to compute it: groups without one are left out by their least.
   */
  static <T extends TFloating> SmallScores atMost(
      Ops tf, Operand<T> scores, long size, Operand<T> limit) {
    return among(tf, scores, size, leastOfGroups(tf, scores, size), limit);
  }

  /** Those that are above the least of their row by no more than its margin, {@code [n, 1]}. */
  static <T extends TFloating> SmallScores nearLeast(
      Ops tf, Operand<T> scores, long size, Operand<T> margin) {
    Operand<T> least = leastOfGroups(tf, scores, size);
    Operand<T> limit =
        tf.math.add(tf.expandDims(tf.min(least, tf.constant(1)), tf.constant(1)), margin);
    return among(tf, scores, size, least, limit);
  }

  private static <T extends TFloating> Operand<T> leastOfGroups(
      Ops tf, Operand<T> scores, long size) {
    int group = LargestScore.group(size);
    return tf.min(
        tf.reshape(scores, tf.constant(new int[] {-1, (int) (size / group), group})),
        tf.constant(2));
  }

  private static <T extends TFloating> SmallScores among(
      Ops tf, Operand<T> scores, long size, Operand<T> least, Operand<T> limit) {
    int group = LargestScore.group(size);
    SmallScores groups = where(tf, least, limit);
    Operand<TInt64> number =
        tf.math.add(tf.math.mul(groups.rows(), tf.constant(size / group)), groups.columns());
    Operand<T> members =
        tf.gather(tf.reshape(scores, tf.constant(new int[] {-1, group})), number, tf.constant(0));
    SmallScores within = where(tf, members, tf.gather(limit, groups.rows(), tf.constant(0)));
    Operand<TInt64> first = tf.math.mul(groups.columns(), tf.constant((long) group));
    return new SmallScores(
        tf.gather(groups.rows(), within.rows(), tf.constant(0)),
        tf.math.add(tf.gather(first, within.rows(), tf.constant(0)), within.columns()));
  }

  private static <T extends TFloating> SmallScores where(
      Ops tf, Operand<T> scores, Operand<T> limit) {
    Operand<TInt64> places = tf.where(tf.math.lessEqual(scores, limit));
    return new SmallScores(
        tf.gather(places, tf.constant(0), tf.constant(1)),
        tf.gather(places, tf.constant(1), tf.constant(1)));
  }
}
