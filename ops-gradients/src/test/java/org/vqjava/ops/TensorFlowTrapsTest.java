/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.framework.optimizers.AdaGradDA;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.vqjava.testing.TensorValues;

/** What TensorFlow Java does that the library works around, and what it refuses in its place. */
class TensorFlowTrapsTest {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  @AfterEach
  void closeGraph() {
    graph.close();
  }

  @Test
  void aSubScopeHonoursTheNameNestedAndRepeated() {
    Ops named = tf.withName("book").withSubScope("X");
    assertEquals("book/Identity", name(named));
    assertEquals("book/Identity_1", name(named));
    assertEquals("book/inner/Identity", name(named.withName("inner").withSubScope("Y")));
    assertEquals("book_1/Identity", name(tf.withName("book").withSubScope("X")));
    assertEquals("X/Identity", name(tf.withSubScope("X")));
    assertEquals("X_1/Identity", name(tf.withSubScope("X")));
  }

  /** Hence sub-scopes of {@code Ops} everywhere, and no {@code booleanMask}. */
  @Test
  void aNameAsSubScopeIsRefusedWhereItIsNested() {
    tf.scope().withNameAsSubScope("Z");
    Ops nested = tf.withSubScope("X");
    assertThrows(IllegalArgumentException.class, () -> nested.scope().withNameAsSubScope("Z"));
    Operand<TFloat32> values = tf.constant(new float[2]);
    var mask = tf.constant(new boolean[2]);
    assertThrows(IllegalArgumentException.class, () -> nested.booleanMask(values, mask));
  }

  /** Hence {@link Training} and its list of variables. */
  @Test
  void anOptimizerAloneStumblesOverACounter() {
    Variable<TFloat32> w = tf.withName("w").variable(tf.constant(1f));
    tf.withName("counter").variable(tf.constant(1L));
    Operand<TFloat32> loss = tf.math.square(tf.identity(w));
    Optimizer optimizer = new GradientDescent(graph, 0.5f);
    var e = assertThrows(TFInvalidArgumentException.class, () -> optimizer.minimize(loss));
    assertEquals(
        "Cannot compute the partial derivative for node 'counter' as it's unreachable from the"
            + " output node(s).",
        e.getMessage());
    Training.minimize(tf, loss, List.of(w), optimizer);
  }

  /**
   * Adding the gradients of text ends the process, those of an integer are taken without a word.
   */
  @Test
  void aLossThatIsTextOrIntegerIsRefused() {
    Variable<TFloat32> w = tf.variable(tf.constant(1f));
    refused(
        "loss must be float32 or float64, got string",
        () -> minimize(pretending(tf.constant("text")), w));
    Operand<?> integer = tf.dtypes.cast(tf.identity(w), TInt64.class);
    refused("loss must be float32 or float64, got int64", () -> minimize(pretending(integer), w));
  }

  @Test
  void aVariableThatIsAnIntegerIsRefused() {
    Variable<?> counter = tf.withName("counter").variable(tf.constant(1));
    refused(
        "variable counter must be float32 or float64, got int32",
        () -> minimize(tf.constant(1f), pretending(counter)));
  }

  @Test
  void anEagerSessionIsRefused() {
    Variable<TFloat32> w = tf.variable(tf.constant(1f));
    try (EagerSession eager = EagerSession.create()) {
      Ops now = Ops.create(eager);
      refused(
          "tf must build a graph, got an eager session",
          () ->
              Training.minimize(now, tf.identity(w), List.of(w), new GradientDescent(graph, 0.5f)));
    }
  }

  /** Its step counter grows by an operation of its own. */
  @Test
  void anOptimizerWhoseStateCannotBeOrderedIsRefused() {
    Variable<TFloat32> w = tf.variable(tf.constant(1f));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Training.minimize(
                    tf, tf.math.square(tf.identity(w)), List.of(w), new AdaGradDA(graph)));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith(
                "optimizer must move its state by assignments, which can be ordered, got"
                    + " AssignAdd "),
        e.getMessage());
  }

  /** Each ended the process or threw inside TensorFlow. */
  @ParameterizedTest
  @ValueSource(strings = {"Log1p", "Asin", "Acos", "Atan", "Atanh"})
  void moreFunctionsOfABareVariableAreRefused(String function) {
    Variable<TFloat32> w = tf.withName("w").variable(tf.constant(0.5f));
    Operand<TFloat32> y =
        switch (function) {
          case "Log1p" -> tf.math.log1p(w);
          case "Asin" -> tf.math.asin(w);
          case "Acos" -> tf.math.acos(w);
          case "Atan" -> tf.math.atan(w);
          default -> tf.math.atanh(w);
        };
    refused(
        "variable w must be read through tf.identity, got "
            + function
            + " "
            + function
            + " of the variable itself",
        () -> minimize(y, w));
  }

  /** An assignment gives back the variable, not its value: the same end of the process. */
  @Test
  void theSquareOfAnAssignmentIsRefused() {
    Variable<TFloat32> w = tf.withName("w").variable(tf.constant(1f));
    Operand<TFloat32> read = tf.identity(w);
    refused(
        "Assign Assign must be read through tf.identity, got Square Square of the variable itself",
        () -> minimize(tf.math.add(read, tf.math.square(tf.assign(w, tf.constant(2f)))), w));
    refused(
        "AssignAdd AssignAdd must be read through tf.identity, got Square Square_1 of the variable"
            + " itself",
        () -> minimize(tf.math.add(read, tf.math.square(tf.assignAdd(w, tf.constant(2f)))), w));
  }

  /** Where no gradient goes, a bare variable does no harm. */
  @Test
  void theSquareOfABareVariableIsTakenWhereItIsNotDifferentiated() {
    Variable<TFloat64> w = tf.variable(tf.constant(3.0));
    Variable<TFloat64> fixed = tf.variable(tf.constant(2.0));
    Operand<TFloat64> factor =
        tf.math.add(tf.math.square(fixed), tf.stopGradient(tf.math.square(w)));
    Operand<TFloat64> loss = tf.math.mul(tf.identity(w), factor);
    Op step = Training.minimize(tf, loss, List.of(w), new GradientDescent(graph, 0.5f));
    try (Session session = new Session(graph)) {
      session.runner().addTarget(step).run().close();
      try (var result = session.runner().fetch(w).run()) {
        // 3 − 0.5 (2² + 3²)
        assertArrayEquals(new double[] {-3.5}, TensorValues.doubles(result.get(0)));
      }
    }
  }

  private String name(Ops scoped) {
    return scoped.identity(tf.constant(1f)).op().name();
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> pretending(Operand<?> operand) {
    return (Operand<TFloat32>) operand;
  }

  private void minimize(Operand<TFloat32> loss, Operand<TFloat32> variable) {
    Training.minimize(tf, loss, List.of(variable), new GradientDescent(graph, 0.5f));
  }

  private static void refused(String message, Executable build) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, build).getMessage());
  }
}
