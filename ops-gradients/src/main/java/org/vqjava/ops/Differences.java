/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.family.TFloating;

/**
 * The direct form of distances: all differences of n vectors from K codes, {@code [n, D, K]}.
 *
 * <p>The axis that is reduced stands in the middle: measured on two cores, 14.5 ms against 19.8 ms
 * for a reduced last axis (n = 2048, K = 512, D = 32, L1).
 */
final class Differences {
  /** Numbers in one block of differences: 2 MiB in float32, about the size of a second cache. */
  private static final long BLOCK = 1 << 19;

  private Differences() {}

  /** How many vectors one block of differences takes. */
  static int blockRows(long codes, long width) {
    return (int) Math.max(1, Math.min(8192, BLOCK / (codes * width)));
  }

  /**
   * {@code e_k − x_n} as {@code [n, D, K]}, from vectors {@code [n, D]} and codes {@code [D, K]}.
   */
  static <T extends TFloating> Operand<T> of(Ops tf, Operand<T> vectors, Operand<T> transposed) {
    return tf.math.sub(transposed, tf.expandDims(vectors, tf.constant(2)));
  }

  /** The norms of the differences, {@code [n, K]}. */
  static <T extends TFloating> Operand<T> norms(Ops tf, Operand<T> differences, Norm norm) {
    return switch (norm) {
      case L1 -> tf.sum(tf.math.abs(differences), tf.constant(1));
      case L2 -> tf.math.sqrt(tf.sum(tf.math.square(differences), tf.constant(1)));
      case LINF -> tf.max(tf.math.abs(differences), tf.constant(1));
    };
  }

  /**
   * The derivative of each norm with respect to its difference along {@code axis}: 0 where the
   * difference is the zero vector; the largest coordinates of L∞ share it equally.
   *
   * @param norms the norms, with {@code axis} of size 1
   */
  static <T extends TFloating> Operand<T> derivatives(
      Ops tf, Operand<T> differences, Operand<T> norms, Norm norm, int axis) {
    return switch (norm) {
      case L1 -> tf.math.sign(differences);
      case L2 -> tf.math.divNoNan(differences, norms);
      case LINF -> {
        Operand<T> largest =
            tf.dtypes.cast(tf.math.equal(tf.math.abs(differences), norms), differences.type());
        Operand<T> ties = tf.sum(largest, tf.constant(axis), Sum.keepDims(true));
        yield tf.math.div(tf.math.mul(tf.math.sign(differences), largest), ties);
      }
    };
  }
}
