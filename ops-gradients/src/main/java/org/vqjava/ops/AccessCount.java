/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** How often each code was taken. */
public final class AccessCount {
  private AccessCount() {}

  /**
   * Counts how often each of K codes is among the indices.
   *
   * <p>No gradient. Cost: O(N + K).
   *
   * <pre>{@code
   * AccessCount.of(tf, tf.constant(new int[] {2, 0, 2}), 4); // [1, 0, 2, 0]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code AccessCount}
   * @param indices codes taken, any shape, in {@code [0, K)}
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
    Ops scoped = tf.withSubScope("AccessCount");
    Operand<TInt64> ones = scoped.fill(scoped.shape(indices), scoped.constant(1L));
    return scoped.math.unsortedSegmentSum(ones, indices, scoped.constant(codes));
  }
}
