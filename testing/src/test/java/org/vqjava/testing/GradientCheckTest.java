/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;

class GradientCheckTest {
  private static final double[] POINT = {0.5, -1, 2};
  private static final Tolerance CLOSE = new Tolerance(1e-8, 1e-8);

  @Test
  void theGradientIsTheOneInClosedForm() {
    assertArrayEquals(
        new double[] {3 * 0.25, 3, 12},
        GradientCheck.gradient(GradientCheckTest::cubes, Shape.of(3), POINT),
        1e-12);
  }

  @Test
  void theRightGradientPasses() {
    GradientCheck.check(GradientCheckTest::cubes, Shape.of(3), POINT, CLOSE);
  }

  /** The value is that of x³, the gradient that of 2x³. */
  @Test
  void aWrongGradientIsDetected() {
    detected(
        (tf, x) -> {
          Operand<TFloat64> y = cubes(tf, x);
          return tf.math.add(y, tf.math.sub(y, tf.stopGradient(y)));
        },
        "gradient: 3 of 3 values differ, most of all [2]: 24.0 instead of ");
  }

  /** By a factor of 1 + 1e-6. */
  @Test
  void aGradientThatIsSlightlyWrongIsDetected() {
    detected(
        (tf, x) -> {
          Operand<TFloat64> y = cubes(tf, x);
          Operand<TFloat64> none = tf.math.sub(y, tf.stopGradient(y));
          return tf.math.add(y, tf.math.mul(none, tf.constant(1e-6)));
        },
        "gradient: 3 of 3 values differ, most of all [2]: 12.0000119");
  }

  @Test
  void aPartThatTheGradientMissesIsDetected() {
    detected(
        (tf, x) ->
            tf.math.add(
                cubes(tf, x), tf.stopGradient(tf.gather(x, tf.constant(1), tf.constant(0)))),
        "gradient: 1 of 3 values differ, most of all [1]: 3.0 instead of ");
  }

  @Test
  void theFunctionMustGiveAScalar() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> GradientCheck.check((tf, x) -> tf.math.neg(x), Shape.of(3), POINT, CLOSE));
    assertEquals("the function must give a scalar, got [3]", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> GradientCheck.gradient((tf, x) -> tf.math.neg(x), Shape.of(3), POINT));
  }

  private static Operand<TFloat64> cubes(Ops tf, Operand<TFloat64> x) {
    return tf.sum(tf.math.mul(x, tf.math.mul(x, x)), tf.constant(0));
  }

  private static void detected(GradientCheck.Scalar function, String start) {
    var e =
        assertThrows(
            AssertionError.class, () -> GradientCheck.check(function, Shape.of(3), POINT, CLOSE));
    assertTrue(String.valueOf(e.getMessage()).startsWith(start), e.getMessage());
  }
}
