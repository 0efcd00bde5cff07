/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** A codebook as a thing of its own. */
class CodebookTest {
  private static final CodebookInitializer NORMAL = CodebookInitializer.normal(1, 1);
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  @AfterEach
  void closeGraph() {
    graph.close();
  }

  @Test
  void tellsWhatItIs() {
    Codebook<TFloat64> codebook =
        Codebook.create(tf, "words", 12, 5, TFloat64.class, CodebookInitializer.fromBatch());
    assertEquals("words", codebook.name());
    assertEquals(12, codebook.size());
    assertEquals(5, codebook.width());
    assertEquals(TFloat64.class, codebook.type());
    assertEquals("fromBatch()", codebook.initializer().toString());
    assertEquals("Codebook[words, TFloat64, [12, 5]]", codebook.toString());
  }

  @Test
  void standsAtTheRootWhateverTheScopeSoThatAdamTakesIt() {
    Ops nested = tf.withSubScope("encoder").withSubScope("bottleneck");
    Codebook<TFloat32> codebook = Codebook.create(nested, "codebook", 4, 2, NORMAL);
    assertEquals("codebook", codebook.variable().op().name());

    Operand<TFloat32> x = tf.constant(new float[][] {{1, 2}, {3, 4}});
    var vq = VectorQuantization.vectorQuantization(nested, x, codebook, VqOptions.defaults());
    String name = vq.layerOut().op().name();
    assertTrue(name.startsWith("encoder/bottleneck/VectorQuantization/"), name);
    Op step =
        Training.minimize(
            nested, vq.losses().total(), List.of(codebook.variable()), new Adam(graph, 0.1f));
    try (Session session = new Session(graph)) {
      session.initialize();
      double[] before = codes(session, codebook);
      session.runner().addTarget(step).run().close();
      double[] after = codes(session, codebook);
      assertFalse(Arrays.equals(before, after));
    }
  }

  @Test
  void twoLayersShareOneAndBothTrainIt() {
    Codebook<TFloat32> codebook =
        Codebook.create(tf, "codebook", 2, 1, CodebookInitializer.constant(new double[] {0, 10}));
    Operand<TFloat32> low = tf.constant(new float[][] {{1}});
    Operand<TFloat32> high = tf.constant(new float[][] {{8}});
    VqOptions options = VqOptions.defaults().withAlpha(1).withBeta(0).withGamma(0);
    var first = VectorQuantization.vectorQuantization(tf, low, codebook, options);
    var second = VectorQuantization.vectorQuantization(tf, high, codebook, options);
    Op step =
        Training.minimize(
            tf,
            tf.math.add(first.losses().total(), second.losses().total()),
            List.of(codebook.variable()),
            new GradientDescent(graph, 0.5f));
    try (Session session = new Session(graph)) {
      session.initialize();
      session.runner().addTarget(step).run().close();
      assertArrayEquals(new double[] {0.5, 9.5}, codes(session, codebook));
    }
  }

  @Test
  void layersInOneGraphDoNotMeet() {
    Codebook<TFloat32> one = Codebook.create(tf, "one", 4, 2, NORMAL);
    Codebook<TFloat32> two =
        Codebook.create(tf, "two", 3, 2, CodebookInitializer.constant(new double[6]));
    Operand<TFloat32> x = tf.constant(new float[][] {{1, 2}, {3, 4}});
    VqOptions options = VqOptions.defaults().withReplaced(1);
    var first = VectorQuantization.vectorQuantization(tf, x, one, options);
    var second = VectorQuantization.vectorQuantization(tf, first.layerOut(), two, options);
    try (Session session = new Session(graph)) {
      session.initialize();
      try (var result = session.runner().fetch(second.layerOut()).run()) {
        assertArrayEquals(new double[4], TensorValues.doubles(result.get(0)));
      }
      session.runner().addTarget(second.replacement().orElseThrow().update()).run().close();
      try (var result =
          session.runner().fetch(first.replacement().orElseThrow().accumulatedUsageCount()).run()) {
        assertArrayEquals(new double[4], TensorValues.doubles(result.get(0)));
      }
    }
  }

  @Test
  void takesNewValuesAndKeepsWhatWasReadInTheSameRun() {
    Codebook<TFloat32> codebook =
        Codebook.create(tf, "codebook", 2, 1, CodebookInitializer.constant(new double[] {1, 2}));
    Op assign = codebook.assign(tf, tf.math.mul(codebook.values(), tf.constant(2f)));
    try (Session session = new Session(graph)) {
      session.initialize();
      for (int i = 0; i < 10; i++) {
        try (var result = session.runner().addTarget(assign).fetch(codebook.values()).run()) {
          double scale = Math.pow(2, i);
          assertArrayEquals(new double[] {scale, 2 * scale}, TensorValues.doubles(result.get(0)));
        }
      }
    }
  }

  @Test
  void isFoundAgainInAGraphByItsName() {
    Codebook.create(tf, "codebook", 4, 2, NORMAL);
    Codebook<TFloat32> found = Codebook.of(tf, "codebook", TFloat32.class);
    assertEquals(4, found.size());
    assertEquals(2, found.width());
    Operand<TFloat32> x = tf.constant(new float[][] {{1, 2}});
    assertFalse(
        VectorQuantization.vectorQuantization(tf, x, found, VqOptions.defaults())
            .embSpaceBatchInit()
            .isPresent());
  }

  @Test
  void refusesWhatIsNoCodebook() {
    tf.withName("cube").variable(Shape.of(2, 3, 4), TFloat32.class);
    tf.withName("constant").constant(1f);
    refused("name must be that of a variable, got absent", () -> find("absent"));
    refused("name must be that of a variable, got constant", () -> find("constant"));
    refused("variable cube must have shape [K, D], got [2, 3, 4]", () -> find("cube"));
    Codebook.create(tf, "doubles", 2, 2, TFloat64.class, NORMAL);
    refused("variable doubles must have type TFloat32, got TFloat64", () -> find("doubles"));
  }

  private void find(String name) {
    Codebook.of(tf, name, TFloat32.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "", "_a", "a b", "a:0"})
  void refusesNamesThatAVariableCannotHave(String name) {
    refused(
        "name must be letters, digits, '_', '-' and '.' without a slash, got '" + name + "'",
        () -> Codebook.create(tf, name, 2, 2, NORMAL));
  }

  @Test
  void refusesOtherBadParameters() {
    refused("size must be at least 1, got 0", () -> Codebook.create(tf, "a", 0, 2, NORMAL));
    refused("width must be at least 1, got -1", () -> Codebook.create(tf, "a", 2, -1, NORMAL));
    refused(
        "type must be float32 or float64, got TBfloat16",
        () -> Codebook.create(tf, "a", 2, 2, TBfloat16.class, NORMAL));
    Codebook<TFloat32> codebook = Codebook.create(tf, "a", 2, 2, NORMAL);
    refused(
        "name must not be taken in the graph yet, got a",
        () -> Codebook.create(tf, "a", 2, 2, NORMAL));
    refused(
        "codes must have shape [2, 2], got [3, 2]",
        () -> codebook.assign(tf, tf.constant(new float[3][2])));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static double[] codes(Session session, Codebook<?> codebook) {
    try (var result = session.runner().fetch(codebook.values()).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }
}
