/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Momentum;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

/**
 * Training against the same arithmetic in plain Java, step by step. The loss is Σ sin(.. sin(u·v̄))
 * + Σ (v − t)², v̄ being v without its gradient: the gradient of v is known at once, that of u,
 * which is made of v, only after a long way. A step of v that does not wait spoils it.
 */
class GatedTrainingTest {
  private static final int SIZE = 1 << 13;
  private static final int DEPTH = 20;
  private static final int STEPS = 20;
  private static final double RATE = 0.03125;
  private static final Tolerance CLOSE = new Tolerance(1e-12, 1e-12);

  private final double[] u = Oracle.random(1, 1, SIZE)[0];
  private final double[] v = Oracle.random(2, 1, SIZE)[0];
  private final double[] t = Oracle.random(3, 1, SIZE)[0];
  private final double[] waves = new double[SIZE];
  private final double[] slopes = new double[SIZE];
  private final double[][] moments = new double[2][SIZE];

  @ParameterizedTest
  @CsvSource({"sgd,0", "momentum,0.5"})
  void lossAndWhatIsFetchedTogetherAreThoseFromBeforeEachStep(String name, double momentum) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat64> first = tf.withName("first").variable(tf.constant(u));
      Variable<TFloat64> second = tf.withName("second").variable(tf.constant(v));
      Operand<TFloat64> deep =
          tf.math.mul(tf.identity(first), tf.stopGradient(tf.identity(second)));
      for (int i = 0; i < DEPTH; i++) {
        deep = tf.math.sin(deep);
      }
      Operand<TFloat64> off = tf.math.squaredDifference(tf.identity(second), tf.constant(t));
      Operand<TFloat64> loss = tf.sum(tf.math.add(deep, off), tf.constant(0));
      Operand<TFloat64> figure = tf.math.mul(deep, tf.identity(second));
      Optimizer optimizer =
          name.equals("sgd")
              ? new GradientDescent(graph, (float) RATE)
              : new Momentum(graph, (float) RATE, (float) momentum);
      Op step =
          Training.minimize(tf, loss, List.of(first, second), optimizer, List.of(deep, figure));
      try (Session session = new Session(graph)) {
        session.initialize();
        for (int i = 0; i < STEPS; i++) {
          double[] expectedFigure = new double[SIZE];
          double expectedLoss = 0;
          for (int d = 0; d < SIZE; d++) {
            wave(d);
            expectedFigure[d] = waves[d] * v[d];
            expectedLoss += waves[d] + (v[d] - t[d]) * (v[d] - t[d]);
          }
          try (var result =
              session.runner().addTarget(step).fetch(loss).fetch(deep).fetch(figure).run()) {
            assertEquals(expectedLoss, TensorValues.doubles(result.get(0))[0], 1e-8);
            CLOSE.check("deep", TensorValues.doubles(result.get(1)), waves);
            CLOSE.check("figure", TensorValues.doubles(result.get(2)), expectedFigure);
          }
          move(momentum);
        }
        try (var result = session.runner().fetch(first).fetch(second).run()) {
          CLOSE.check("first", TensorValues.doubles(result.get(0)), u);
          CLOSE.check("second", TensorValues.doubles(result.get(1)), v);
        }
      }
    }
  }

  private void wave(int d) {
    waves[d] = u[d] * v[d];
    slopes[d] = v[d];
    for (int i = 0; i < DEPTH; i++) {
      slopes[d] *= Math.cos(waves[d]);
      waves[d] = Math.sin(waves[d]);
    }
  }

  /** w − rate · a with a = momentum · a + gradient, both gradients from before the step. */
  private void move(double momentum) {
    for (int d = 0; d < SIZE; d++) {
      moments[0][d] = momentum * moments[0][d] + slopes[d];
      moments[1][d] = momentum * moments[1][d] + 2 * (v[d] - t[d]);
      u[d] -= RATE * moments[0][d];
      v[d] -= RATE * moments[1][d];
    }
  }
}
