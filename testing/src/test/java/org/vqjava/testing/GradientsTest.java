/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

class GradientsTest {
  @ParameterizedTest
  @ValueSource(classes = {TFloat32.class, TFloat64.class})
  void ofASumOfSquaresIsTwiceTheArgument(Class<? extends TFloating> type) {
    assertArrayEquals(new double[] {1, -4}, gradient(type, true));
  }

  /** TensorFlow refuses to differentiate where no path leads. */
  @Test
  void isZeroWhereNoPathLeads() {
    assertArrayEquals(new double[2], gradient(TFloat32.class, false));
  }

  @Test
  void hasTheShapeOfTheArgument() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[2][3]);
      Operand<TFloat32> y = tf.constant(1f);
      assertEquals(x.shape(), Gradients.of(graph, y, x).shape());
    }
  }

  private static <T extends TFloating> double[] gradient(Class<T> type, boolean reached) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<T> x = tf.dtypes.cast(tf.constant(new double[] {0.5, -2}), type);
      Operand<T> squares = tf.sum(tf.math.square(x), tf.constant(0));
      Operand<T> y = reached ? squares : tf.stopGradient(squares);
      Operand<T> gradient = Gradients.of(graph, y, x);
      assertEquals(type, gradient.type());
      try (Session session = new Session(graph);
          var result = session.runner().fetch(gradient).run()) {
        return TensorValues.doubles(result.get(0));
      }
    }
  }
}
