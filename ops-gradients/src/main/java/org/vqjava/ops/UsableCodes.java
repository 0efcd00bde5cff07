/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The codes that a look-up may choose: those of finite numbers. The others never enter what is
 * computed from several codes, so that one of them spoils none but itself.
 *
 * @param codes all of them, {@code [K, D]}
 * @param finite which may be chosen, {@code [K, 1]}
 */
record UsableCodes<T extends TFloating>(Operand<T> codes, Operand<TBool> finite) {
  /** A code so many mean squares away from the centre does not count in it. */
  private static final double OUTLIER = 16;

  /** Outliers of one size hide those of a smaller one. */
  private static final int CENTRINGS = 3;

  static <T extends TFloating> UsableCodes<T> of(Ops tf, Operand<T> codes) {
    return new UsableCodes<>(codes, tf.expandDims(FiniteRows.of(tf, codes), tf.constant(1)));
  }

  /** The codes with another number in place of each of one that is not finite. */
  Operand<T> orElse(Ops tf, double number) {
    return tf.select(finite, codes, Floats.constant(tf, codes.type(), number));
  }

  /** The lowest index of a usable code; 0 if there is none. */
  Operand<TInt32> first(Ops tf) {
    return tf.math.argMax(
        tf.dtypes.cast(tf.reshape(finite, tf.constant(new int[] {-1})), TInt32.class),
        tf.constant(0),
        TInt32.class);
  }

  Operand<TBool> any(Ops tf) {
    return tf.any(finite, tf.constant(new int[] {0, 1}));
  }

  /**
   * Where most codes are, {@code [D]}: their mean without those that are far from all others. What
   * is seen from there keeps its digits. Any point would do; the best one costs the least.
   *
   * @param largestSquare of a code that counts
   */
  Operand<T> centre(Ops tf, double largestSquare) {
    Operand<T> zero = Floats.constant(tf, codes.type(), 0);
    Operand<T> safe = tf.select(finite, codes, zero);
    Operand<TBool> inRange =
        tf.math.logicalAnd(
            finite,
            tf.math.less(squares(tf, safe), Floats.constant(tf, codes.type(), largestSquare)));
    Operand<TBool> counted = inRange;
    Operand<T> centre = mean(tf, safe, counted);
    for (int i = 1; i < CENTRINGS; i++) {
      Operand<T> squares = squares(tf, tf.math.sub(safe, centre));
      Operand<T> most =
          tf.math.mul(
              mean(tf, tf.select(counted, squares, zero), counted),
              Floats.constant(tf, codes.type(), OUTLIER));
      counted = tf.math.logicalAnd(inRange, tf.math.lessEqual(squares, most));
      centre = mean(tf, safe, counted);
    }
    return centre;
  }

  private static <T extends TFloating> Operand<T> squares(Ops tf, Operand<T> rows) {
    return tf.sum(tf.math.square(rows), tf.constant(1), Sum.keepDims(true));
  }

  /** The centre for what is not afraid of squares that are out of range. */
  Operand<T> centre(Ops tf) {
    return centre(tf, Double.MAX_VALUE);
  }

  /** The codes seen from a point; the point itself in place of one that is not finite. */
  Operand<T> seenFrom(Ops tf, Operand<T> centre) {
    return tf.select(finite, tf.math.sub(codes, centre), Floats.constant(tf, codes.type(), 0));
  }

  /** The mean of the rows that count; 0 of none. */
  private static <T extends TFloating> Operand<T> mean(
      Ops tf, Operand<T> rows, Operand<TBool> counted) {
    Operand<T> one = tf.dtypes.cast(counted, rows.type());
    return tf.math.divNoNan(
        tf.sum(tf.select(counted, rows, Floats.constant(tf, rows.type(), 0)), tf.constant(0)),
        tf.sum(one, tf.constant(new int[] {0, 1})));
  }

  /**
   * What vectors that are seen from the centre are multiplied with, {@code [K, D + 1]}: {@code [e,
   * −½‖e‖²]}. The product with {@code [z, 1]} is −∞ for a code that is not finite, or so far away
   * that its square is out of range.
   */
  Operand<T> augmented(Ops tf, Operand<T> centre, double largestSquare) {
    Class<T> type = codes.type();
    Operand<T> zero = Floats.constant(tf, type, 0);
    Operand<T> centred = seenFrom(tf, centre);
    Operand<T> squares = squares(tf, centred);
    Operand<TBool> inRange =
        tf.math.logicalAnd(finite, tf.math.less(squares, Floats.constant(tf, type, largestSquare)));
    return tf.concat(
        List.of(
            tf.select(inRange, centred, zero),
            tf.select(
                inRange,
                tf.math.mul(squares, Floats.constant(tf, type, -0.5)),
                Floats.constant(tf, type, Double.NEGATIVE_INFINITY))),
        tf.constant(1));
  }
}
