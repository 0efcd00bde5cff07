/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * The largest of each row of scores, the lowest index among equals.
 *
 * <p>Over many scores in two levels: the largest of each group, the first group that has the
 * largest of these, and its place there. {@code ArgMax} takes 2.5 times as long over a row as
 * {@code Max} does, and so goes over a group and a row of groups alone.
 */
final class LargestScore {
  static final int GROUP = 64;

  private static final long FEWEST_SCORES = 256;

  private LargestScore() {}

  /**
   * The largest of each row.
   *
   * @param index of it, {@code [n]}
   * @param score itself, {@code [n]}
   * @param ofGroups the largest of each group, {@code [n, K / group]}
   */
  record Best<T extends TFloating>(Operand<TInt32> index, Operand<T> score, Operand<T> ofGroups) {}

  /** How many scores a group has: all of them where there are few. */
  static int group(long size) {
    return size >= FEWEST_SCORES && size % GROUP == 0 ? GROUP : Math.toIntExact(size);
  }

  /** Of {@code [n, K]}. */
  static <T extends TFloating> Best<T> of(Ops tf, Operand<T> scores, long size) {
    if (group(size) == size) {
      Operand<TInt32> index = tf.math.argMax(scores, tf.constant(1), TInt32.class);
      Operand<T> score = tf.gather(scores, index, tf.constant(1), Gather.batchDims(1L));
      return new Best<>(index, score, tf.expandDims(score, tf.constant(1)));
    }
    int groups = (int) (size / GROUP);
    Operand<T> grouped = tf.reshape(scores, tf.constant(new int[] {-1, groups, GROUP}));
    Operand<T> ofGroups = tf.max(grouped, tf.constant(2));
    Operand<TInt32> best = tf.math.argMax(ofGroups, tf.constant(1), TInt32.class);
    Operand<TInt32> first = firstGroups(tf, scores, groups);
    Operand<T> winners =
        tf.gather(
            tf.reshape(scores, tf.constant(new int[] {-1, GROUP})),
            tf.math.add(first, best),
            tf.constant(0));
    Operand<TInt32> place = tf.math.argMax(winners, tf.constant(1), TInt32.class);
    return new Best<>(
        tf.math.add(tf.math.mul(best, tf.constant(GROUP)), place),
        tf.max(ofGroups, tf.constant(1)),
        ofGroups);
  }

  /**
   * The k largest, the largest first, as {@code [n, k]}. They are in the k groups with the largest
   * maxima: each other group's maximum comes after k scores. The groups are taken in the order of
   * their indices, so that the lowest index comes first among equals.
   */
  static <T extends TFloating> Operand<TInt32> indices(
      Ops tf, Operand<T> scores, long size, int k) {
    int group = groupOfTop(size, k);
    if (group == 1) {
      return top(tf, scores, k).indices();
    }
    int groups = (int) (size / group);
    Operand<T> grouped = tf.reshape(scores, tf.constant(new int[] {-1, groups, group}));
    Operand<TInt32> best = top(tf, tf.max(grouped, tf.constant(2)), k).indices();
    Operand<TInt32> ascending = tf.math.neg(top(tf, tf.math.neg(best), k).values());
    Operand<TInt32> first = firstGroups(tf, scores, groups);
    Operand<T> candidates =
        tf.reshape(
            tf.gather(
                tf.reshape(scores, tf.constant(new int[] {-1, group})),
                tf.math.add(tf.expandDims(first, tf.constant(1)), ascending),
                tf.constant(0)),
            tf.constant(new int[] {-1, k * group}));
    Operand<TInt32> places = top(tf, candidates, k).indices();
    Operand<TInt32> chosen =
        tf.gather(
            ascending,
            tf.math.floorDiv(places, tf.constant(group)),
            tf.constant(1),
            Gather.batchDims(1L));
    return tf.math.add(
        tf.math.mul(chosen, tf.constant(group)), tf.math.floorMod(places, tf.constant(group)));
  }

  /** The number of each row's first group, counted over all rows, {@code [n]}. */
  private static Operand<TInt32> firstGroups(Ops tf, Operand<?> scores, int groups) {
    return tf.math.mul(
        tf.range(tf.constant(0), Floats.rows(tf, scores), tf.constant(1)), tf.constant(groups));
  }

  /**
   * The power of two with the fewest scores to sort, if these are a quarter of all at most; else 1.
   */
  private static int groupOfTop(long size, int k) {
    int best = 1;
    long fewest = size / 4;
    for (int group = 8; group <= GROUP && size % group == 0; group *= 2) {
      long sorted = size / group + (long) k * group;
      if (size / group >= k && sorted <= fewest) {
        best = group;
        fewest = sorted;
      }
    }
    return best;
  }

  private static <T extends TNumber> TopK<T, TInt32> top(Ops tf, Operand<T> scores, int k) {
    return tf.nn.topK(scores, tf.constant(k), TInt32.class);
  }
}
