/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** What a loss is multiplied with: a number, or a scalar of the graph such as a schedule. */
public sealed interface LossWeight {
  /**
   * A number that does not change; 0 leaves the loss out of the graph.
   *
   * @param value the weight, finite
   */
  record Constant(double value) implements LossWeight {
    /**
     * Checks the number.
     *
     * @param value the weight, finite
     * @throws IllegalArgumentException if it is not finite
     */
    public Constant {
      Check.finite("weight", value);
    }
  }

  /**
   * A scalar of the graph: a placeholder, a schedule, a variable's value.
   *
   * @param value a scalar, float32 or float64; cast to the type of the layer
   */
  record Tensor(Operand<? extends TFloating> value) implements LossWeight {
    /**
     * Checks the tensor.
     *
     * @param value a scalar, float32 or float64
     * @throws IllegalArgumentException if it is no scalar
     */
    public Tensor {
      Objects.requireNonNull(value, "weight");
      Check.floating("weight", value.type());
      if (!value.shape().isScalar()) {
        throw new IllegalArgumentException("weight must be a scalar, got shape " + value.shape());
      }
    }
  }

  /**
   * Whether the loss is left out.
   *
   * @return true for the number 0
   */
  default boolean isOff() {
    return this instanceof Constant constant && constant.value() == 0;
  }

  /**
   * The weight as a scalar of the graph, without a gradient.
   *
   * @param tf builds the ops
   * @param type float32 or float64
   * @param <T> float32 or float64
   * @return a scalar
   */
  default <T extends TFloating> Operand<T> operand(Ops tf, Class<T> type) {
    return this instanceof Tensor tensor
        ? tf.stopGradient(tf.dtypes.cast(tensor.value(), type))
        : tf.dtypes.cast(tf.constant(((Constant) this).value()), type);
  }
}
