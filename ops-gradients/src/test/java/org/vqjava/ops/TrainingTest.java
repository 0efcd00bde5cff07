/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Momentum;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.framework.optimizers.RMSProp;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.vqjava.testing.TensorValues;

class TrainingTest {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  @AfterEach
  void closeGraph() {
    graph.close();
  }

  @Test
  void movesTheListedVariablesDownTheLossAndNothingElse() {
    Variable<TFloat32> moved = variable("moved", 1, 2, 3);
    Variable<TFloat32> other = variable("other", 4, 5, 6);
    Variable<TInt64> counter = tf.withName("counter").variable(tf.constant(7L));
    Operand<TFloat32> loss =
        sum(tf.math.mul(tf.math.square(tf.identity(moved)), tf.identity(other)));
    Op step = Training.minimize(tf, loss, List.of(moved), new GradientDescent(graph, 0.01f));
    try (Session session = started()) {
      session.runner().addTarget(step).run();
      // w − 0.01 · 2 w o
      assertArrayEquals(new double[] {0.92, 1.8, 2.64}, read(session, moved), 1e-6);
      assertArrayEquals(new double[] {4, 5, 6}, read(session, other));
      assertArrayEquals(new double[] {7}, read(session, counter));
    }
  }

  /** Adam's first step has the learning rate as its length, whatever the gradient is. */
  @Test
  void adamStepsAsInClosedForm() {
    Variable<TFloat32> w = variable("w", 1, -2, 3);
    Op step =
        Training.minimize(
            tf, sum(tf.math.square(tf.identity(w))), List.of(w), new Adam(graph, 0.1f));
    try (Session session = started()) {
      session.runner().addTarget(step).run();
      assertArrayEquals(new double[] {0.9, -1.9, 2.9}, read(session, w), 1e-5);
    }
  }

  /** As TensorFlow Java has no class for uint64: the key of a draw is one, say. */
  @Test
  void aTypeWithoutAClassOnTheWayIsNoHindrance() {
    Variable<TFloat32> w = variable("w", 1, 2, 3);
    Output<?> unsigned =
        graph
            .opBuilder("Bitcast", "unsigned", graph.baseScope())
            .addInput(tf.constant(2L).asOutput())
            .setAttr("type", DataType.DT_UINT64)
            .build()
            .output(0);
    Output<TFloat32> two =
        graph
            .opBuilder("Cast", "two", graph.baseScope())
            .addInput(unsigned)
            .setAttr("DstT", DataType.DT_FLOAT)
            .build()
            .output(0);
    Operand<TFloat32> loss = sum(tf.math.mul(tf.identity(w), two));
    Op step = Training.minimize(tf, loss, List.of(w), new GradientDescent(graph, 0.1f));
    try (Session session = started()) {
      session.runner().addTarget(step).run();
      assertArrayEquals(new double[] {0.8, 1.8, 2.8}, read(session, w), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "rmsprop", "adam"})
  void everyOptimizerLowersTheLoss(String name) {
    Variable<TFloat32> w = variable("w", 1, -2, 3);
    Operand<TFloat32> loss = sum(tf.math.square(tf.identity(w)));
    Op step = Training.minimize(tf, loss, List.of(w), optimizer(name));
    try (Session session = started()) {
      double before = read(session, loss)[0];
      for (int i = 0; i < 20; i++) {
        session.runner().addTarget(step).run();
      }
      double after = read(session, loss)[0];
      assertEquals(true, after < before, before + " " + after);
    }
  }

  /**
   * Without the gate the endpoint, which reads the variable long after the gradient is known, shows
   * the values from after the step.
   */
  @Test
  void whatIsFetchedTogetherShowsTheValuesFromBeforeTheStep() {
    int size = 1 << 16;
    Variable<TFloat32> w =
        tf.withName("w").variable(tf.fill(tf.constant(new int[] {size}), tf.constant(1f)));
    Operand<TFloat32> slow = tf.identity(w);
    for (int i = 0; i < 30; i++) {
      slow =
          tf.math.add(
              tf.math.mul(slow, tf.constant(0.5f)), tf.math.mul(tf.identity(w), tf.constant(0.5f)));
    }
    Op step =
        Training.minimize(
            tf,
            sum(tf.math.mul(tf.identity(w), tf.constant(1f))),
            List.of(w),
            new GradientDescent(graph, 1f),
            List.of(slow));
    try (Session session = started()) {
      for (int i = 0; i < 20; i++) {
        try (var result = session.runner().addTarget(step).fetch(slow).run()) {
          assertEquals(1.0 - i, TensorValues.doubles(result.get(0))[size - 1]);
        }
      }
    }
  }

  @Test
  void namesTheVariablesThatNoGradientReaches() {
    Variable<TFloat32> w = variable("w", 1, 2);
    Variable<TFloat32> apart = variable("apart", 1, 2);
    Variable<TFloat32> stopped = variable("stopped", 1, 2);
    Operand<TFloat32> loss =
        sum(tf.math.mul(tf.identity(w), tf.stopGradient(tf.identity(stopped))));
    refused(
        "variables must be such that a gradient of the loss reaches them, got apart, stopped that it"
            + " does not reach",
        loss,
        List.of(w, apart, stopped));
  }

  /** Each of these would end the process or throw somewhere inside TensorFlow. */
  @ParameterizedTest
  @ValueSource(strings = {"Square", "Pow", "Sign", "Erf"})
  void refusesWhatTensorFlowCannotDifferentiate(String op) {
    Variable<TFloat32> w = variable("w", 1, 2);
    Operand<TFloat32> y =
        switch (op) {
          case "Square" -> tf.math.square(w);
          case "Pow" -> tf.math.pow(w, tf.constant(2f));
          case "Sign" -> tf.math.sign(w);
          default -> tf.math.erf(w);
        };
    refused(
        "variable w must be read through tf.identity, got "
            + op
            + " "
            + op
            + " of the variable itself",
        sum(y),
        List.of(w));
  }

  @Test
  void refusesWhatIsNoVariableOrListedTwice() {
    Variable<TFloat32> w = variable("w", 1, 2);
    Operand<TFloat32> read = tf.identity(w);
    refused("variables must not be empty", sum(read), List.of());
    refused(
        "variables must hold what tf.variable returned, got Identity Identity",
        sum(read),
        List.of(read));
    refused("variables must be distinct, got w twice", sum(read), List.of(w, w));
  }

  @Test
  void refusesALossThatIsNoFloatingScalar() {
    Variable<TFloat32> w = variable("w", 1, 2);
    refused("loss must be a scalar, got shape [2]", tf.identity(w), List.of(w));
    @SuppressWarnings("unchecked")
    Operand<TFloat32> integer = (Operand<TFloat32>) (Operand<?>) tf.constant(1);
    refused("loss must be float32 or float64, got int32", integer, List.of(w));
  }

  /** Optimizers name their moments by the variable, and may not use a slash for that. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "momentum", "rmsprop", "adam"})
  void aVariableInAScopeMovesLikeOneAtTheRoot(String name) {
    Variable<TFloat32> root = variable("root", 1, -2, 3);
    Variable<TFloat32> scoped =
        tf.withSubScope("encoder")
            .withSubScope("dense")
            .withName("w")
            .variable(tf.constant(new float[] {1, -2, 3}));
    List<Op> steps = new ArrayList<>();
    for (Variable<TFloat32> w : List.of(root, scoped)) {
      Operand<TFloat32> loss = sum(tf.math.square(tf.identity(w)));
      steps.add(Training.minimize(tf, loss, List.of(w), optimizer(name)));
    }
    try (Session session = started()) {
      for (int i = 0; i < 5; i++) {
        steps.forEach(step -> session.runner().addTarget(step).run());
      }
      double[] moved = read(session, scoped);
      assertArrayEquals(read(session, root), moved);
      assertNotEquals(1, moved[0]);
    }
  }

  @Test
  void twoStepsLiveInOneGraph() {
    Variable<TFloat32> a = variable("a", 1);
    Variable<TFloat32> b = variable("b", 1);
    Ops inner = tf.withSubScope("outer").withSubScope("inner");
    List<Op> steps = new ArrayList<>();
    for (Variable<TFloat32> w : List.of(a, b)) {
      Operand<TFloat32> loss = sum(tf.math.square(tf.identity(w)));
      steps.add(
          Training.minimize(
              inner, loss, List.of(w), new Adam(graph, "adam-" + w.op().name(), 0.1f)));
    }
    try (Session session = started()) {
      session.runner().addTarget(steps.get(1)).run();
      assertArrayEquals(new double[] {1}, read(session, a));
      assertArrayEquals(new double[] {0.9}, read(session, b), 1e-5);
    }
  }

  private Optimizer optimizer(String name) {
    return switch (name) {
      case "sgd" -> new GradientDescent(graph, 0.01f);
      case "momentum" -> new Momentum(graph, 0.01f, 0.9f);
      case "rmsprop" -> new RMSProp(graph, 0.01f);
      default -> new Adam(graph, 0.01f);
    };
  }

  private Variable<TFloat32> variable(String name, float... values) {
    return tf.withName(name).variable(tf.constant(values));
  }

  private Operand<TFloat32> sum(Operand<TFloat32> vector) {
    return tf.sum(vector, tf.constant(0));
  }

  private Session started() {
    Session session = new Session(graph);
    session.initialize();
    return session;
  }

  private static double[] read(Session session, Operand<?> operand) {
    try (var result = session.runner().fetch(operand).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  private void refused(
      String message, Operand<TFloat32> loss, List<? extends Operand<TFloat32>> variables) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Training.minimize(tf, loss, variables, new GradientDescent(graph, 0.1f)));
    assertEquals(message, e.getMessage());
  }
}
