/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * Gives a value a gradient that was computed beside it, by stop-gradient arithmetic: {@code sg(S) +
 * Σ sg(G) ∘ (v − sg(v))}.
 *
 * <p>The linear term is 0 forwards and has the derivative G. It takes the place of a registered
 * gradient function, of which one process can have ten and one on Windows none.
 */
final class FirstOrder {
  private FirstOrder() {}

  /**
   * {@code value} with the gradient {@code gradient} with respect to {@code variable}.
   *
   * @param value a scalar
   * @param gradient its derivative, finite, in the shape of {@code variable}
   */
  static <T extends TFloating> Operand<T> scalar(
      Ops tf, Operand<T> value, Operand<T> gradient, Operand<T> variable) {
    Operand<T> zero = tf.math.sub(variable, tf.stopGradient(variable));
    Operand<T> linear = tf.math.mul(tf.stopGradient(gradient), zero);
    int[] axes = new int[variable.shape().numDimensions()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i;
    }
    return tf.math.add(tf.stopGradient(value), tf.sum(linear, tf.constant(axes)));
  }
}
