/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
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
   * of the formula, finite everywhere: below 1e-6 it is the vector's times 1e6. Squares are not
   * rescaled: in float32 a vector longer than 1e19 comes out as zero.
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
    Ops scoped = Scopes.of(tf, "Unit");
    Operand<T> squares =
        scoped.sum(scoped.math.square(vectors), scoped.constant(-1), Sum.keepDims(true));
    Operand<T> least = Floats.constant(scoped, vectors.type(), LEAST_SQUARE);
    return scoped.math.mul(vectors, scoped.math.rsqrt(scoped.math.maximum(squares, least)));
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
