/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Builds what the rest of a model computes with in place of a tensor or a variable.
 *
 * <pre>{@code
 * Rewrite halved = (tf, w) -> tf.math.mul(w, tf.constant(0.5f));
 * }</pre>
 */
@FunctionalInterface
public interface Rewrite {
  /**
   * Builds the replacement.
   *
   * @param tf builds the ops, in a scope of their own
   * @param value what is replaced
   * @return of the same type, and of a shape that fits
   */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> value);
}
