/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.testing.TensorValues;

class VariablesTest {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  @AfterEach
  void closeGraph() {
    graph.close();
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat32.class, TFloat64.class})
  void aSnapshotHasTheValueTypeAndShapeOfTheVariable(Class<? extends TFloating> type) {
    valueTypeAndShape(type);
  }

  private <T extends TFloating> void valueTypeAndShape(Class<T> type) {
    double[][] first = Oracle.random(1, 3, 2);
    Variable<T> w = tf.variable(tf.dtypes.cast(tf.constant(first), type));
    Operand<T> snapshot = Variables.snapshot(tf, w);
    assertEquals(type, snapshot.type());
    assertEquals(w.shape(), snapshot.shape());
    try (Session session = started()) {
      assertArrayEquals(Oracle.flat(first), read(session, snapshot));
    }
  }

  /** Large and small beside each other: a sum that rounds would not give them back. */
  @Test
  void aSnapshotHasTheBitsOfTheVariable() {
    float[] first = {1e30f, 1e-30f, -0.1f, Float.MIN_NORMAL, Float.MAX_VALUE};
    Operand<TFloat32> snapshot = Variables.snapshot(tf, tf.variable(tf.constant(first)));
    try (Session session = started()) {
      double[] actual = read(session, snapshot);
      for (int i = 0; i < first.length; i++) {
        assertEquals(
            Float.floatToRawIntBits(first[i]), Float.floatToRawIntBits((float) actual[i]), "" + i);
      }
    }
  }

  /** Not twice, although the variable is read twice. */
  @Test
  void theGradientReachesTheVariableOnce() {
    Variable<TFloat32> w = tf.variable(tf.constant(new float[] {3, -5}));
    Operand<TFloat32> loss = sumOfSquares(Variables.snapshot(tf, w));
    Output<?>[] gradients = graph.addGradients(loss.asOutput(), new Output<?>[] {w.asOutput()});
    try (Session session = started()) {
      assertArrayEquals(new double[] {6, -10}, read(session, gradients[0]));
    }
  }

  /**
   * The endpoints are made to run after the update, which threads otherwise leave to chance. The
   * update waits for the snapshot and for no endpoint.
   */
  @Test
  void whatIsComputedFromASnapshotShowsTheValuesFromBeforeAnUpdate() {
    int size = 1 << 12;
    Operand<TInt32> shape = tf.constant(new int[] {size});
    Variable<TFloat32> w = tf.withName("w").variable(tf.fill(shape, tf.constant(0f)));
    Operand<TFloat32> shared = tf.identity(w);
    Operand<TFloat32> snapshot = Variables.snapshot(tf, w);
    Op update =
        tf.withControlDependencies(List.of(shared, snapshot))
            .assignAdd(w, tf.fill(shape, tf.constant(1f)));
    Ops late = tf.withControlDependencies(List.of(update));
    Operand<TFloat32> ofShared = late.math.mul(shared, late.constant(2f));
    Operand<TFloat32> ofSnapshot = late.math.mul(snapshot, late.constant(2f));
    try (Session session = started()) {
      for (int i = 0; i < 200; i++) {
        try (var result =
            session.runner().addTarget(update).fetch(ofShared).fetch(ofSnapshot).run()) {
          assertArrayEquals(filled(size, 2 * (i + 1)), TensorValues.doubles(result.get(0)));
          assertArrayEquals(filled(size, 2 * i), TensorValues.doubles(result.get(1)));
        }
      }
      assertArrayEquals(filled(size, 200), read(session, w));
    }
  }

  @Test
  void aSnapshotIsNamedByTheCallerOrByItsScope() {
    Variable<TFloat32> w = tf.variable(tf.constant(1f));
    assertTrue(Variables.snapshot(tf, w).op().name().startsWith("Snapshot/"));
    assertTrue(
        Variables.snapshot(tf.withSubScope("outer").withName("codes"), w)
            .op()
            .name()
            .startsWith("outer/codes/"));
  }

  @Test
  void aSnapshotRefusesWhatIsNoFloatingVariable() {
    @SuppressWarnings("unchecked")
    Operand<TFloat32> integers =
        (Operand<TFloat32>) (Operand<?>) tf.variable(tf.constant(new int[] {1}));
    refused(
        "variable must be float32 or float64, got int32", () -> Variables.snapshot(tf, integers));
  }

  private static double[] filled(int size, double value) {
    double[] values = new double[size];
    Arrays.fill(values, value);
    return values;
  }

  private Operand<TFloat32> sumOfSquares(Operand<TFloat32> vector) {
    return tf.sum(tf.math.square(vector), tf.constant(0));
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

  private static void refused(String message, Executable build) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, build).getMessage());
  }
}
