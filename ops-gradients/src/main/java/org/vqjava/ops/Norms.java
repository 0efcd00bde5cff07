/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TFloating;

/** Norms over the last axis whose gradient is finite everywhere. */
public final class Norms {
  private Norms() {}

  /**
   * The norm of each vector.
   *
   * <p>Gradient: that of the norm, and 0 at the zero vector, where a plain square root has none and
   * turns whatever it touches into NaN. Under L1 a coordinate that is 0 has gradient 0; under L∞
   * the coordinates that tie for the largest share the gradient equally.
   *
   * <p>Squares are not rescaled: in float32 a length below about 1e-19 comes out as 0, one above
   * 1e19 as infinity.
   *
   * <pre>{@code
   * Norms.norm(tf, tf.constant(new float[][] {{3, 4}, {0, 0}}), Norm.L2); // [5, 0]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code Norm}
   * @param vectors vectors on the last axis, {@code [.., D]}
   * @param norm which norm
   * @param <T> float32 or float64
   * @return the norms, {@code [..]}
   * @throws IllegalArgumentException if the vectors are of another type
   */
  public static <T extends TFloating> Operand<T> norm(Ops tf, Operand<T> vectors, Norm norm) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(vectors, "vectors");
    Check.floating("vectors", vectors);
    return overAxis(Scopes.of(tf, "Norm"), vectors, norm, -1);
  }

  /** The same over any one axis, in the caller's scope. */
  static <T extends TFloating> Operand<T> overAxis(
      Ops tf, Operand<T> vectors, Norm norm, int axisIndex) {
    var axis = tf.constant(axisIndex);
    return switch (norm) {
      case L1 -> tf.sum(tf.math.abs(vectors), axis);
      case LINF -> tf.max(tf.math.abs(vectors), axis);
      case L2 -> {
        Operand<T> squares = tf.sum(tf.math.square(vectors), axis);
        Operand<T> zero = Floats.constant(tf, vectors.type(), 0);
        Operand<T> one = Floats.constant(tf, vectors.type(), 1);
        Operand<TBool> positive = tf.math.notEqual(squares, zero); // what is not a number stays so
        // The root of 1 where the square is 0, times 0: the value is 0 and so is the gradient.
        yield tf.math.mul(
            tf.math.sqrt(tf.select(positive, squares, one)),
            tf.dtypes.cast(positive, vectors.type()));
      }
    };
  }
}
