/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

/** Norms, straight-through, gradient averaging and counts. */
class SmallOpsTest {
  @ParameterizedTest
  @EnumSource(Norm.class)
  void normHasValueAndGradientOfTheFormula(Norm norm) {
    double[][] x = Oracle.random(1, 4, 5);
    double[] expected = new double[4];
    for (int n = 0; n < 4; n++) {
      expected[n] = Oracle.norm(x[n], norm);
    }
    new Tolerance(1e-12, 0)
        .check("norm", Evaluate.one(tf -> Norms.norm(tf, tf.constant(x), norm)), expected);
    GradientCheck.check(
        (tf, v) -> tf.sum(Norms.norm(tf, v, norm), tf.constant(0)),
        Shape.of(4, 5),
        Oracle.flat(x),
        new Tolerance(1e-8, 1e-8));
  }

  /** The square root of a sum of squares has the gradient NaN there. */
  @ParameterizedTest
  @EnumSource(Norm.class)
  void normHasGradientZeroAtZero(Norm norm) {
    assertArrayEquals(
        new double[3],
        GradientCheck.gradient(
            (tf, v) -> tf.sum(Norms.norm(tf, v, norm), tf.constant(0)),
            Shape.of(1, 3),
            new double[3]));
  }

  @Test
  void normsGoByTheirOrder() {
    for (Norm norm : Norm.values()) {
      assertEquals(norm, Norm.of(norm.order()));
    }
    assertEquals(
        "order must be 1, 2 or inf, got euclidean",
        assertThrows(IllegalArgumentException.class, () -> Norm.of("euclidean")).getMessage());
  }

  @Test
  void straightThroughHasTheBitsOfTheValue() {
    float[] value = {0.1f, -0.0f, 1e-30f, 3e8f, Float.MIN_NORMAL};
    float[] input = {1e8f, 7f, -3f, 1e-20f, -5f};
    double[] actual =
        Evaluate.one(tf -> StraightThrough.of(tf, tf.constant(value), tf.constant(input)));
    for (int i = 0; i < value.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(value[i]), Float.floatToRawIntBits((float) actual[i]), "" + i);
    }
  }

  @Test
  void straightThroughSendsTheGradientToTheInputAlone() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var value = tf.identity(tf.constant(new float[] {5, 6}));
      var input = tf.identity(tf.constant(new float[] {1, 2}));
      var y = StraightThrough.of(tf, value, input);
      var loss =
          tf.sum(
              tf.math.add(tf.math.square(y), tf.math.mul(value, tf.constant(0f))), tf.constant(0));
      var gradients =
          graph.addGradients(loss.asOutput(), new Output<?>[] {input.asOutput(), value.asOutput()});
      try (Session session = new Session(graph);
          var result = session.runner().fetch(gradients[0]).fetch(gradients[1]).run()) {
        assertArrayEquals(new double[] {10, 12}, TensorValues.doubles(result.get(0)));
        assertArrayEquals(new double[] {0, 0}, TensorValues.doubles(result.get(1)));
      }
    }
  }

  @Test
  void straightThroughRefusesOtherShapes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> StraightThrough.of(tf, tf.constant(new float[2]), tf.constant(new float[3])));
      assertEquals("input must have the shape of value [2], got [3]", e.getMessage());
    }
  }

  @Test
  void averagingDividesByTheMembersAndLeavesTheBits() {
    double[] codes = {0.1, 0.7, -3};
    int[] indices = {0, 2, 0, 0};
    assertArrayEquals(
        new double[] {(1 + 3 + 4) / 3.0, 0, 2},
        GradientCheck.gradient(
            (tf, c) ->
                tf.sum(
                    tf.math.mul(
                        tf.gather(
                            GradientAveraging.byMembers(tf, c, tf.constant(indices)),
                            tf.constant(indices),
                            tf.constant(0)),
                        tf.constant(new double[] {1, 2, 3, 4})),
                    tf.constant(0)),
            Shape.of(3),
            codes),
        1e-12);
    assertArrayEquals(
        codes,
        Evaluate.one(
            tf -> GradientAveraging.byMembers(tf, tf.constant(codes), tf.constant(indices))));
  }

  @Test
  void averagingKeepsTheShapeOfTheCodes() {
    double[][] values =
        Evaluate.all(
            tf -> {
              var codes = tf.constant(new float[][] {{1, 2}, {3, 4}});
              return List.of(GradientAveraging.byMembers(tf, codes, tf.constant(new int[] {1, 1})));
            });
    assertArrayEquals(new double[] {1, 2, 3, 4}, values[0]);
  }

  @Test
  void averagingRefusesCodesOfUnknownNumber() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> GradientAveraging.byMembers(tf, tf.constant(1f), tf.constant(new int[0])));
      assertEquals("codes must have a known number of rows, got shape []", e.getMessage());
    }
  }

  @Test
  void countsHowOftenEachCodeIsTaken() {
    assertArrayEquals(
        new double[] {1, 0, 3, 0},
        Evaluate.one(tf -> AccessCount.of(tf, tf.constant(new int[][] {{2, 0}, {2, 2}}), 4)));
    assertArrayEquals(
        new double[2], Evaluate.one(tf -> AccessCount.of(tf, tf.constant(new int[0]), 2)));
    // Beyond 2^14 codes they are counted in another way.
    for (int codes : new int[] {1 << 14, (1 << 14) + 1}) {
      double[] expected = new double[codes];
      expected[codes - 1] = 2;
      expected[7] = 1;
      assertArrayEquals(
          expected,
          Evaluate.one(
              tf ->
                  AccessCount.of(tf, tf.constant(new int[] {codes - 1, 7, -1, codes - 1}), codes)));
    }
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> AccessCount.of(tf, tf.constant(new int[0]), 0));
      assertEquals("codes must be at least 1, got 0", e.getMessage());
    }
  }
}
