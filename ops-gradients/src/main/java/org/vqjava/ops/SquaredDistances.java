/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TFloating;

/**
 * Squared Euclidean distances by one matrix multiplication, ‖z‖² − 2⟨z, e⟩ + ‖e‖², and which of
 * them are too small to be believed.
 *
 * <p>Both sides are to be centred on the codebook's mean first: at an offset of 1000 the expanded
 * form in float32 took the wrong code for 435 of 512 vectors, centred for none.
 *
 * @param squares {@code [n, K]}, off by about ε · scale
 * @param scale ‖z‖² + max ‖e‖², {@code [n, 1]}
 * @param vectors with what the multiplication needs beside them: {@code [z, 1, ‖z‖²]}
 */
record SquaredDistances<T extends TFloating>(
    Operand<T> squares, Operand<T> scale, Operand<T> vectors) {

  /** Codes with what the multiplication needs beside them: {@code [−2e, ‖e‖², 1]}. */
  static <T extends TFloating> Operand<T> augment(Ops tf, Operand<T> centredCodes) {
    return augment(tf, centredCodes, Floats.constant(tf, centredCodes.type(), 0));
  }

  /**
   * The same with something to be added to the squared distances from each code, {@code [K, 1]}.
   */
  static <T extends TFloating> Operand<T> augment(
      Ops tf, Operand<T> centredCodes, Operand<T> added) {
    Operand<T> squares = rowSquares(tf, centredCodes);
    return tf.concat(
        List.of(
            tf.math.mul(centredCodes, Floats.constant(tf, centredCodes.type(), -2)),
            tf.math.add(squares, added),
            tf.onesLike(squares)),
        tf.constant(1));
  }

  static <T extends TFloating> SquaredDistances<T> of(
      Ops tf, Operand<T> centredVectors, Operand<T> augmentedCodes) {
    Operand<T> squares = rowSquares(tf, centredVectors);
    Operand<T> vectors = withSquares(tf, centredVectors, squares);
    return new SquaredDistances<>(
        tf.linalg.matMul(vectors, augmentedCodes, MatMul.transposeB(true)),
        scale(tf, squares, augmentedCodes),
        vectors);
  }

  /** The same, with squares in parts of the scale: off by about ε, whatever the row. */
  static <T extends TFloating> SquaredDistances<T> perScale(
      Ops tf, Operand<T> centredVectors, Operand<T> augmentedCodes) {
    Operand<T> squares = rowSquares(tf, centredVectors);
    Operand<T> vectors = withSquares(tf, centredVectors, squares);
    Operand<T> scale =
        tf.math.maximum(
            scale(tf, squares, augmentedCodes),
            Floats.constant(tf, centredVectors.type(), Float.MIN_NORMAL));
    return new SquaredDistances<>(
        tf.linalg.matMul(tf.math.div(vectors, scale), augmentedCodes, MatMul.transposeB(true)),
        scale,
        vectors);
  }

  private static <T extends TFloating> Operand<T> withSquares(
      Ops tf, Operand<T> vectors, Operand<T> squares) {
    return tf.concat(List.of(vectors, tf.onesLike(squares), squares), tf.constant(1));
  }

  private static <T extends TFloating> Operand<T> scale(
      Ops tf, Operand<T> squares, Operand<T> augmentedCodes) {
    int width = Math.toIntExact(augmentedCodes.shape().get(1) - 2);
    Operand<T> ofCodes =
        tf.slice(augmentedCodes, tf.constant(new int[] {0, width}), tf.constant(new int[] {-1, 1}));
    Operand<T> finite =
        tf.select(tf.math.isFinite(ofCodes), ofCodes, Floats.constant(tf, ofCodes.type(), 0));
    return tf.math.add(squares, tf.max(finite, tf.constant(new int[] {0, 1})));
  }

  private static <T extends TFloating> Operand<T> rowSquares(Ops tf, Operand<T> matrix) {
    return tf.sum(tf.math.square(matrix), tf.constant(1), Sum.keepDims(true));
  }
}
