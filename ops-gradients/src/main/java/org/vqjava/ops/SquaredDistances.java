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
    Operand<T> squares = rowSquares(tf, centredCodes);
    return tf.concat(
        List.of(
            tf.math.mul(centredCodes, Floats.constant(tf, centredCodes.type(), -2)),
            squares,
            tf.onesLike(squares)),
        tf.constant(1));
  }

  static <T extends TFloating> SquaredDistances<T> of(
      Ops tf, Operand<T> centredVectors, Operand<T> augmentedCodes) {
    int width = Math.toIntExact(centredVectors.shape().get(1));
    Operand<T> squares = rowSquares(tf, centredVectors);
    Operand<T> augmented =
        tf.concat(List.of(centredVectors, tf.onesLike(squares), squares), tf.constant(1));
    Operand<T> largestCode =
        tf.max(
            tf.slice(
                augmentedCodes, tf.constant(new int[] {0, width}), tf.constant(new int[] {-1, 1})),
            tf.constant(new int[] {0, 1}));
    return new SquaredDistances<>(
        tf.linalg.matMul(augmented, augmentedCodes, MatMul.transposeB(true)),
        tf.math.add(squares, largestCode),
        augmented);
  }

  private static <T extends TFloating> Operand<T> rowSquares(Ops tf, Operand<T> matrix) {
    return tf.sum(tf.math.square(matrix), tf.constant(1), Sum.keepDims(true));
  }
}
