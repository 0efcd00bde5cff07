/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** How often each code was taken. */
public final class AccessCount {
  /**
   * Each thread counts into bins of its own, which for more codes than this cost more than ones.
   */
  private static final int MOST_IN_BINS = 1 << 14;

  private AccessCount() {}

  /**
   * Counts how often each of K codes is among the indices.
   *
   * <p>No gradient. Cost: O(N + K) time. Memory beside the indices: 4·N bytes, and 8·K for each
   * thread, up to K = 2¹⁴; with more codes 8·N bytes, which a session keeps if N is known.
   *
   * <pre>{@code
   * AccessCount.of(tf, tf.constant(new int[] {2, 0, 2}), 4); // [1, 0, 2, 0]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code AccessCount}
   * @param indices codes taken, any shape, in {@code [0, K)}; a negative one is not counted
   * @param codes K, how many codes there are
   * @return the counts, {@code [K]}
   * @throws IllegalArgumentException if {@code codes} is below 1
   */
  public static Operand<TInt64> of(Ops tf, Operand<TInt32> indices, int codes) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(indices, "indices");
    if (codes < 1) {
      throw new IllegalArgumentException("codes must be at least 1, got " + codes);
    }
    Ops scoped = Scopes.of(tf, "AccessCount");
    // The search for gradients comes here by way of the indices.
    return scoped.stopGradient(
        codes <= MOST_IN_BINS ? inBins(scoped, indices, codes) : byOnes(scoped, indices, codes));
  }

  private static Operand<TInt64> inBins(Ops tf, Operand<TInt32> indices, int codes) {
    Operand<TInt64> unweighted = tf.constant(new long[0]);
    Operand<TInt32> one = tf.constant(1);
    // Bin 0 is of what is not counted.
    Operand<TInt32> bins = tf.math.add(tf.math.maximum(indices, tf.constant(-1)), one);
    Operand<TInt64> counts =
        tf.math.denseBincount(
            tf.reshape(bins, tf.constant(new int[] {-1})), tf.constant(codes + 1), unweighted);
    return tf.slice(counts, tf.constant(new int[] {1}), tf.constant(new int[] {codes}));
  }

  private static Operand<TInt64> byOnes(Ops tf, Operand<TInt32> indices, int codes) {
    Operand<TInt64> ones = tf.fill(tf.shape(indices), tf.constant(1L));
    return tf.math.unsortedSegmentSum(ones, indices, tf.constant(codes));
  }
}
