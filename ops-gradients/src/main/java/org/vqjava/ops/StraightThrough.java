/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * The straight-through estimator: one value forwards, the gradient of another backwards.
 *
 * @see <a href="https://arxiv.org/abs/1308.3432">Bengio, Léonard, Courville, 2013</a>
 */
public final class StraightThrough {
  private StraightThrough() {}

  /**
   * {@code value} forwards; backwards the gradient goes to {@code input} unchanged and to {@code
   * value} not at all.
   *
   * <p>Computed as {@code sg(value) − (sg(input) − input)}: for a finite input the bits are those
   * of {@code value}, the sign of a zero included. The form {@code input + sg(value − input)}
   * differs from it by rounding. An infinite or NaN input gives NaN; subnormal values (below 1e-38
   * in float32) become 0, as TensorFlow computes without them.
   *
   * @param tf builds the ops, under its name if it has one, else {@code StraightThrough}
   * @param value what is computed with, {@code [..]}
   * @param input what gets the gradient, in the shape of {@code value}
   * @param <T> float32 or float64
   * @return {@code value}, {@code [..]}
   * @throws IllegalArgumentException if known shapes differ
   */
  public static <T extends TFloating> Operand<T> of(Ops tf, Operand<T> value, Operand<T> input) {
    check(tf, value, input);
    Ops scoped = Scopes.of(tf, "StraightThrough");
    return withGradientTo(scoped, scoped.stopGradient(value), input);
  }

  /**
   * {@code value} forwards; backwards the gradient goes to both, {@code value} and {@code input},
   * unchanged. The bits are as {@linkplain #of there}.
   *
   * <p>So a codebook or centroids learn from the task beside what they stand for.
   *
   * @param tf builds the ops, under its name if it has one, else {@code StraightThrough}
   * @param value what is computed with, {@code [..]}
   * @param input what gets the gradient too, in the shape of {@code value}
   * @param <T> float32 or float64
   * @return {@code value}, {@code [..]}
   * @throws IllegalArgumentException if known shapes differ
   */
  public static <T extends TFloating> Operand<T> toBoth(
      Ops tf, Operand<T> value, Operand<T> input) {
    check(tf, value, input);
    return withGradientTo(Scopes.of(tf, "StraightThrough"), value, input);
  }

  private static void check(Ops tf, Operand<?> value, Operand<?> input) {
    Objects.requireNonNull(tf, "tf");
    Check.floating("value", value);
    if (!value.shape().isCompatibleWith(input.shape())) {
      throw new IllegalArgumentException(
          "input must have the shape of value " + value.shape() + ", got " + input.shape());
    }
  }

  private static <T extends TFloating> Operand<T> withGradientTo(
      Ops tf, Operand<T> value, Operand<T> input) {
    return tf.math.sub(value, tf.math.sub(tf.stopGradient(input), input));
  }
}
