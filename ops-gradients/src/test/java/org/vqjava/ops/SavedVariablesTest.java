/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.Momentum;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;
import org.vqjava.testing.TensorValues;

/** What is saved of a graph, and what of it survives that something is added to it. */
class SavedVariablesTest {
  private final Path directory;
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  SavedVariablesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void closeGraph() {
    graph.close();
  }

  @Test
  void variablesOfEveryTypeAreSavedIfTheyAreThereBeforeTheFirstSave() {
    Variable<TFloat32> codes = tf.withName("codes").variable(tf.constant(1f));
    Variable<TFloat64> mean = tf.withName("mean").variable(tf.constant(2.0));
    Variable<TInt64> counts = tf.withName("counts").variable(tf.constant(3L));
    try (Session session = new Session(graph)) {
      session.initialize();
      session.save(file("first"));
      Variable<TFloat32> late = tf.withName("late").variable(tf.constant(4f));
      session.initialize();
      session.save(file("second"));

      set(session, codes, tf.constant(-1f));
      set(session, mean, tf.constant(-2.0));
      set(session, counts, tf.constant(-3L));
      set(session, late, tf.constant(-4f));
      session.restore(file("second"));
      assertArrayEquals(new double[] {1, 2, 3, -4}, values(session, codes, mean, counts, late));
    }
  }

  /** An optimizer's moments are variables too: training goes on as if it had not been saved. */
  @Test
  void theStateOfAnOptimizerIsSavedWithTheVariables() {
    Variable<TFloat32> w = tf.withName("w").variable(tf.constant(1f));
    Op step =
        Training.minimize(
            tf, tf.math.square(tf.identity(w)), List.of(w), new Momentum(graph, 0.25f, 0.5f));
    try (Session session = new Session(graph)) {
      session.initialize();
      session.runner().addTarget(step).run().close();
      session.save(file("after-one-step"));
      session.runner().addTarget(step).run().close();
      // a = 2, w = 1 − 0.25·2;  a = 0.5·2 + 1, w = 0.5 − 0.25·2
      assertArrayEquals(new double[] {0}, values(session, w));
      session.runner().addTarget(step).run().close();
      session.restore(file("after-one-step"));
      assertArrayEquals(new double[] {0.5}, values(session, w));
      session.runner().addTarget(step).run().close();
      assertArrayEquals(new double[] {0}, values(session, w));
    }
  }

  @Test
  void restoredValuesSurviveTheInitializationOfWhatIsAdded() {
    saveCodesOf(5);
    Variable<TFloat32> codes = tf.withName("codes").variable(tf.constant(1f));
    try (Session session = new Session(graph)) {
      session.restore(file("codes"));
      Variable<TFloat32> added = tf.withName("added").variable(tf.constant(3f));
      session.initialize();
      assertArrayEquals(new double[] {5, 3}, values(session, codes, added));
    }
  }

  /** The trap: to initialize everything once more wipes what was restored. */
  @Test
  void restoredValuesAreWipedByAForcedInitialization() {
    saveCodesOf(5);
    Variable<TFloat32> codes = tf.withName("codes").variable(tf.constant(1f));
    try (Session session = new Session(graph)) {
      session.restore(file("codes"));
      session.forceInitialize();
      assertArrayEquals(new double[] {1}, values(session, codes));
    }
  }

  @Test
  void aLoadedModelKeepsItsValuesWhenVariablesAreAdded() throws IOException {
    Variable<TFloat32> codes = tf.withName("codes").variable(tf.constant(1f));
    Operand<TFloat32> read = tf.withName("read").identity(codes);
    try (Session session = new Session(graph)) {
      set(session, codes, tf.constant(5f));
      SavedModelBundle.exporter(file("model"))
          .withSession(session)
          .withSignature(Signature.builder("read").output("read", read).build())
          .export();
    }
    try (SavedModelBundle model = SavedModelBundle.load(file("model"))) {
      Ops loaded = Ops.create(model.graph());
      Variable<TFloat32> added = loaded.withName("added").variable(loaded.constant(3f));
      model.session().initialize();
      Operand<?> kept = model.graph().outputOrThrow("codes");
      assertArrayEquals(new double[] {5, 3}, values(model.session(), kept, added));
      model.session().forceInitialize();
      assertArrayEquals(new double[] {5, 3}, values(model.session(), kept, added));
      // Not so for the op that TensorFlow Java writes beside the graph.
      model.session().run("Init");
      assertEquals(1, values(model.session(), kept)[0]);
    }
  }

  private void saveCodesOf(float value) {
    try (Graph other = new Graph()) {
      Ops ops = Ops.create(other);
      ops.withName("codes").variable(ops.constant(value));
      try (Session session = new Session(other)) {
        session.initialize();
        session.save(file("codes"));
      }
    }
  }

  private <T extends TType> void set(Session session, Variable<T> variable, Operand<T> value) {
    session.runner().addTarget(tf.assign(variable, value)).run().close();
  }

  private static double[] values(Session session, Operand<?>... scalars) {
    Session.Runner runner = session.runner();
    List.of(scalars).forEach(runner::fetch);
    double[] values = new double[scalars.length];
    try (var result = runner.run()) {
      for (int i = 0; i < values.length; i++) {
        values[i] = TensorValues.doubles(result.get(i))[0];
      }
    }
    return values;
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }
}
