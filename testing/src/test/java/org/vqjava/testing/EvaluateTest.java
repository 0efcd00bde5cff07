/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.types.TFloat32;

class EvaluateTest {
  @Test
  void oneGivesTheValuesRowByRow() {
    assertArrayEquals(
        new double[] {1, 3, 2, 4},
        Evaluate.one(
            tf ->
                tf.linalg.transpose(
                    tf.constant(new float[][] {{1, 2}, {3, 4}}), tf.constant(new int[] {1, 0}))));
  }

  @Test
  void allGivesEachOperandInItsOrder() {
    double[][] values =
        Evaluate.all(
            tf -> List.of(tf.constant(true), tf.constant(new int[] {2, 3}), tf.constant(0.1)));
    assertEquals(3, values.length);
    assertArrayEquals(new double[] {1}, values[0]);
    assertArrayEquals(new double[] {2, 3}, values[1]);
    assertArrayEquals(new double[] {0.1}, values[2]);
  }

  /** Random numbers tell two runs from one. */
  @Test
  void allRunsOnce() {
    double[][] values =
        Evaluate.all(
            tf -> {
              var drawn = tf.random.randomUniform(tf.constant(new int[] {8}), TFloat32.class);
              return List.of(tf.identity(drawn), tf.identity(drawn));
            });
    assertArrayEquals(values[0], values[1]);
  }

  @Test
  void variablesHaveTheirFirstValues() {
    assertArrayEquals(
        new double[] {7}, Evaluate.one(tf -> tf.identity(tf.variable(tf.constant(7f)))));
  }

  @Test
  void whatFailsWhenItIsRunFailsHere() {
    assertThrows(
        TFInvalidArgumentException.class,
        () ->
            Evaluate.one(tf -> tf.gather(tf.constant(new int[1]), tf.constant(5), tf.constant(0))));
  }
}
