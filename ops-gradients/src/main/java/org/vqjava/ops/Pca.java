/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The principal components of the rows of a matrix: the directions of their largest variance.
 *
 * <p>Signs of axes are arbitrary: nothing may depend on them.
 *
 * <p>Gradient, through axes and mean to the rows: that of the eigendecomposition of the covariance,
 * {@code dV = V (F ∘ (Vᵀ dA V))} with {@code F_ij = 1 / (λ_j − λ_i)}, of first order. TensorFlow
 * Java has none for {@code Svd} and {@code SelfAdjointEig}. Where two eigenvalues coincide, within
 * rounding of the largest, the axes between them are not determined; F is set to 0 there, so that
 * the gradient is finite, and is the right one for whatever does not depend on the choice.
 * Eigenvalues that vanish need no care: only differences are divided by.
 *
 * <p>Cost: O(M·D² + D³) time for M rows, O(D²) memory beside the centred rows.
 *
 * <pre>{@code
 * Pca<TFloat32> pca = Pca.fit(tf, rows, 2);
 * pca.project(tf, vectors); // [N, 2]
 * }</pre>
 *
 * @param mean of the rows, {@code [1, D]}
 * @param axes the components as columns of length 1, the largest variance first, {@code [D, c]}
 * @param variances of the rows along the axes, divided by M, {@code [c]}; a figure without a
 *     gradient
 * @param <T> float32 or float64
 */
public record Pca<T extends TFloating>(Operand<T> mean, Operand<T> axes, Operand<T> variances) {
  /** Eigenvalues closer than so many roundings of the largest one are taken for equal. */
  private static final double COINCIDE = 16;

  /**
   * Finds the components.
   *
   * @param tf builds the ops, under its name if it has one, else {@code Pca}
   * @param rows {@code [M, D]}, M may be unknown; of no rows mean and variances are 0; a row with a
   *     number that is not finite is left out
   * @param components c, from 1 to D; those beyond the rank of the rows are some orthogonal
   *     directions without variance
   * @param <T> float32 or float64
   * @return the components
   * @throws IllegalArgumentException if {@code rows} is no matrix of known width or c is out of
   *     range
   */
  public static <T extends TFloating> Pca<T> fit(Ops tf, Operand<T> rows, int components) {
    Objects.requireNonNull(tf, "tf");
    int width = Math.toIntExact(Check.matrix("rows", rows, "[M, D]").get(1));
    if (components < 1 || components > width) {
      throw new IllegalArgumentException(
          "components must be from 1 to the width " + width + ", got " + components);
    }
    return build(Scopes.of(tf, "Pca"), rows, width, components);
  }

  private static <T extends TFloating> Pca<T> build(
      Ops tf, Operand<T> rows, int width, int components) {
    Class<T> type = rows.type();
    Operand<T> zero = Floats.constant(tf, type, 0);
    Operand<TBool> finite = tf.expandDims(FiniteRows.of(tf, rows), tf.constant(1));
    Operand<T> count =
        tf.dtypes.cast(
            tf.sum(tf.dtypes.cast(finite, TInt32.class), tf.constant(new int[] {0, 1})), type);
    Operand<T> mean =
        tf.expandDims(
            tf.math.divNoNan(tf.sum(tf.select(finite, rows, zero), tf.constant(0)), count),
            tf.constant(0));
    Operand<T> centred = tf.select(finite, tf.math.sub(rows, mean), zero);
    Operand<T> covariance =
        tf.math.divNoNan(tf.linalg.matMul(centred, centred, MatMul.transposeA(true)), count);

    // In float64, as squaring has already cost half of the digits.
    var fixed = tf.dtypes.cast(tf.stopGradient(covariance), TFloat64.class);
    var decomposed = tf.linalg.selfAdjointEig(fixed);
    Operand<TInt32> last = tf.constant(new int[] {-1});
    Operand<TFloat64> values = tf.reverse(decomposed.e(), tf.constant(new int[] {0}));
    Operand<T> vectors = tf.stopGradient(tf.dtypes.cast(tf.reverse(decomposed.v(), last), type));

    Operand<T> change = tf.math.sub(covariance, tf.stopGradient(covariance));
    Operand<T> turned =
        tf.linalg.matMul(tf.linalg.matMul(vectors, change, MatMul.transposeA(true)), vectors);
    Operand<T> gaps = tf.stopGradient(tf.dtypes.cast(inverseGaps(tf, values, width, type), type));
    Operand<T> moved = tf.math.add(vectors, tf.linalg.matMul(vectors, tf.math.mul(gaps, turned)));
    Operand<T> axes =
        tf.slice(moved, tf.constant(new int[] {0, 0}), tf.constant(new int[] {width, components}));
    Operand<T> variances =
        tf.stopGradient(
            tf.dtypes.cast(
                tf.slice(values, tf.constant(new int[] {0}), tf.constant(new int[] {components})),
                type));
    return new Pca<>(mean, axes, variances);
  }

  /** {@code F_ij = 1 / (λ_j − λ_i)}, 0 where the two coincide, on the diagonal above all. */
  private static Operand<TFloat64> inverseGaps(
      Ops tf, Operand<TFloat64> values, int width, Class<? extends TFloating> type) {
    Operand<TFloat64> gaps =
        tf.math.sub(tf.expandDims(values, tf.constant(0)), tf.expandDims(values, tf.constant(1)));
    Operand<TFloat64> largest = tf.max(tf.math.abs(values), tf.constant(0));
    Operand<TBool> apart =
        tf.math.greater(
            tf.math.abs(gaps),
            tf.math.mul(largest, tf.constant(COINCIDE * width * Floats.epsilon(type))));
    return tf.select(
        apart, tf.math.reciprocal(tf.select(apart, gaps, tf.onesLike(gaps))), tf.zerosLike(gaps));
  }

  /**
   * Vectors by their coordinates along the axes, seen from the mean.
   *
   * @param tf builds the ops
   * @param vectors {@code [N, D]}
   * @return {@code [N, c]}
   */
  public Operand<T> project(Ops tf, Operand<T> vectors) {
    return projectUncentred(tf, tf.math.sub(vectors, mean));
  }

  /**
   * Vectors by their coordinates along the axes, seen from the origin.
   *
   * @param tf builds the ops
   * @param vectors {@code [N, D]}
   * @return {@code [N, c]}
   */
  public Operand<T> projectUncentred(Ops tf, Operand<T> vectors) {
    return tf.linalg.matMul(vectors, axes);
  }

  /**
   * Coordinates back to vectors: the nearest to the original ones that the axes can make.
   *
   * @param tf builds the ops
   * @param coordinates {@code [N, c]}
   * @return {@code [N, D]}
   */
  public Operand<T> reconstruct(Ops tf, Operand<T> coordinates) {
    return tf.math.add(tf.linalg.matMul(coordinates, axes, MatMul.transposeB(true)), mean);
  }
}
