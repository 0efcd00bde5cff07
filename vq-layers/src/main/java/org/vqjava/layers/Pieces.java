/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The vectors of a layer's input as rows of a matrix, and the way back.
 *
 * @param rows the pieces in row-major order, {@code [N, D]}
 * @param inputShape the shape of the input, {@code [rank]}
 * @param leading that without the last axis
 * @param splits S
 */
record Pieces<T extends TFloating>(
    Operand<T> rows, Operand<TInt32> inputShape, Operand<TInt32> leading, int splits) {

  static <T extends TFloating> Pieces<T> of(Ops tf, Operand<T> x, int width, int splits) {
    Operand<TInt32> shape = tf.shape(x);
    int rank = x.shape().numDimensions();
    return new Pieces<>(
        tf.reshape(x, tf.constant(new int[] {-1, width})),
        shape,
        first(tf, shape, rank - 1),
        splits);
  }

  /**
   * The first sizes of a shape. By a strided slice, of which shape inference knows the values, so
   * that what is reshaped by them keeps the sizes that are known.
   */
  static Operand<TInt32> first(Ops tf, Operand<TInt32> shape, int count) {
    return tf.stridedSlice(
        shape,
        tf.constant(new int[] {0}),
        tf.constant(new int[] {count}),
        tf.constant(new int[] {1}));
  }

  /** Rows {@code [N, D]} in the shape of the input. */
  Operand<T> joined(Ops tf, Operand<T> matrix) {
    return tf.reshape(matrix, inputShape);
  }

  /** A value for each piece, {@code [N]}, as {@code [.., S]}, without the last axis if S = 1. */
  <V extends TType> Operand<V> perPiece(Ops tf, Operand<V> values) {
    return tf.reshape(values, splits == 1 ? leading : append(tf, splits));
  }

  /** {@code [N, K]} as {@code [.., S, K]}, without the S axis if S = 1. */
  Operand<T> perPieceAndCode(Ops tf, Operand<T> values, int size) {
    return tf.reshape(values, splits == 1 ? append(tf, size) : append(tf, splits, size));
  }

  private Operand<TInt32> append(Ops tf, int... sizes) {
    return tf.concat(List.of(leading, tf.constant(sizes)), tf.constant(0));
  }
}
