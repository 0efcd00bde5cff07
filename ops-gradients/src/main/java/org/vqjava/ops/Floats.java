/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** Constants and shapes for code that is generic over float32 and float64. */
final class Floats {
  private Floats() {}

  @SuppressWarnings("unchecked")
  static <T extends TFloating> Operand<T> constant(Ops tf, Class<T> type, double value) {
    return type.equals(TFloat32.class)
        ? (Operand<T>) tf.constant((float) value)
        : (Operand<T>) tf.constant(value);
  }

  /** The difference between 1 and the next number of the type. */
  static double epsilon(Class<? extends TFloating> type) {
    return type.equals(TFloat32.class) ? Math.ulp(1f) : Math.ulp(1d);
  }

  /**
   * A power of two that brings all numbers of a matrix below 2^56, so that float32 holds their
   * squares; 1 if they are anyway.
   */
  static <T extends TFloating> Operand<T> scaleIntoRange(Ops tf, Operand<T> matrix) {
    Class<T> type = matrix.type();
    int exponent = type.equals(TFloat32.class) ? Float.MAX_EXPONENT : Double.MAX_EXPONENT;
    Operand<T> largest = tf.max(tf.math.abs(matrix), tf.constant(new int[] {0, 1}));
    return tf.select(
        tf.math.less(largest, constant(tf, type, Math.scalb(1.0, 56))),
        constant(tf, type, 1),
        constant(tf, type, Math.scalb(1.0, 55 - exponent)));
  }

  /** How many rows an operand has, known or not. */
  static Operand<TInt32> rows(Ops tf, Operand<?> operand) {
    long known = operand.shape().isUnknown() ? -1 : operand.shape().get(0);
    return known >= 0
        ? tf.constant(Math.toIntExact(known))
        : tf.gather(tf.shape(operand), tf.constant(0), tf.constant(0));
  }

  /** 0, 1, .., size − 1. */
  static Operand<TInt32> range(Ops tf, int size) {
    return tf.range(tf.constant(0), tf.constant(size), tf.constant(1));
  }

  @SuppressWarnings("unchecked")
  static <T extends TType> Operand<T> cast(Operand<?> operand) {
    return (Operand<T>) operand;
  }
}
