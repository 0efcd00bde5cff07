/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Cosines of angles, and vectors of length 1. */
public final class CosineSimilarity {
  /** The original's: vectors shorter than 1e-6 are not brought to length 1. */
  private static final double LEAST_SQUARE = 1e-12;

  private CosineSimilarity() {}

  /**
   * Vectors of length 1 in the same direction, {@code v / √max(‖v‖², 1e-12)}.
   *
   * <p>A vector shorter than 1e-6 stays shorter than 1, the zero vector stays zero. Gradient: that
   * of the formula, finite everywhere: below 1e-6 it is the vector's times 1e6. A vector whose
   * square is out of range is scaled first, so that any finite one has its direction.
   *
   * <p>Cost: O(N·D) time and memory.
   *
   * <pre>{@code
   * CosineSimilarity.unit(tf, tf.constant(new float[][] {{3, 4}, {0, 0}})); // {{0.6, 0.8}, {0, 0}}
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code Unit}
   * @param vectors vectors on the last axis, {@code [.., D]}
   * @param <T> float32 or float64
   * @return as {@code vectors}
   * @throws IllegalArgumentException if the vectors are of another type
   */
  public static <T extends TFloating> Operand<T> unit(Ops tf, Operand<T> vectors) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(vectors, "vectors");
    Check.floating("vectors", vectors);
    return Units.of(Scopes.of(tf, "Unit"), vectors).vectors();
  }

  /**
   * Vectors of length 1.
   *
   * @param vectors {@code [.., D]}
   * @param squares of their lengths before, at some scale, {@code [.., 1]}: finite if and only if
   *     the vector is
   */
  record Units<T extends TFloating>(Operand<T> vectors, Operand<T> squares) {
    static <T extends TFloating> Units<T> of(Ops tf, Operand<T> vectors) {
      Class<T> type = vectors.type();
      boolean single = type.equals(TFloat32.class);
      Operand<T> most = Floats.constant(tf, type, Math.scalb(1.0, single ? 126 : 1022));
      Operand<T> scale =
          tf.select(
              tf.math.less(tf.stopGradient(squares(tf, vectors)), most),
              Floats.constant(tf, type, 1),
              Floats.constant(tf, type, Math.scalb(1.0, single ? -80 : -520)));
      Operand<T> scaled = tf.math.mul(vectors, scale);
      Operand<T> squares = squares(tf, scaled);
      Operand<T> least = Floats.constant(tf, type, LEAST_SQUARE);
      return new Units<>(
          tf.math.mul(scaled, tf.math.rsqrt(tf.math.maximum(squares, least))), squares);
    }

    private static <T extends TFloating> Operand<T> squares(Ops tf, Operand<T> vectors) {
      return tf.sum(tf.math.square(vectors), tf.constant(-1), Sum.keepDims(true));
    }
  }

  /**
   * The cosine of the angle between each vector and its partner, from −1 to 1 within rounding; 0
   * for a zero vector.
   *
   * <p>Gradient: that of the cosine, to both, finite everywhere as that of {@link #unit}.
   *
   * <p>Cost: O(N·D) time and memory.
   *
   * @param tf builds the ops, under its name if it has one, else {@code CosineSimilarity}
   * @param vectors {@code [.., D]}
   * @param partners {@code [.., D]}, or what broadcasts to it
   * @param <T> float32 or float64
   * @return {@code [..]}
   * @throws IllegalArgumentException if the vectors are of another type
   */
  public static <T extends TFloating> Operand<T> paired(
      Ops tf, Operand<T> vectors, Operand<T> partners) {
    Objects.requireNonNull(tf, "tf");
    Ops scoped = Scopes.of(tf, "CosineSimilarity");
    return scoped.sum(
        scoped.math.mul(unit(scoped, vectors), unit(scoped, partners)), scoped.constant(-1));
  }
}
