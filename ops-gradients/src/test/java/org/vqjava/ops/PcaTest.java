/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.Tolerance;

class PcaTest {
  private static final int ROWS = 12;
  private static final int WIDTH = 4;
  private static final Shape SHAPE = Shape.of(ROWS, WIDTH);
  private static final double[] DATA = Oracle.flat(Oracle.random(3, ROWS, WIDTH));

  @Test
  void axesAreOrthonormalAndOrderedByVariance() {
    double[][] out =
        Evaluate.all(
            tf -> {
              Pca<TFloat64> pca = Pca.fit(tf, matrix(tf, SHAPE, DATA), 3);
              Operand<TFloat64> projected = pca.project(tf, matrix(tf, SHAPE, DATA));
              return List.of(
                  tf.linalg.matMul(pca.axes(), pca.axes(), MatMul.transposeA(true)),
                  tf.linalg.matMul(projected, projected, MatMul.transposeA(true)),
                  pca.variances());
            });
    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, out[0], 1e-12);
    double[] variances = out[2];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        assertEquals(i == j ? variances[i] * ROWS : 0, out[1][3 * i + j], 1e-10);
      }
    }
    assertTrue(variances[0] > variances[1] && variances[1] > variances[2]);
  }

  @Test
  void allComponentsKeepEveryDistance() {
    double[][] out =
        Evaluate.all(
            tf -> {
              Operand<TFloat64> x = matrix(tf, SHAPE, DATA);
              Pca<TFloat64> pca = Pca.fit(tf, x, WIDTH);
              Operand<TFloat64> projected = pca.project(tf, x);
              return List.of(
                  Distances.spacing(tf, x, Norm.L2),
                  Distances.spacing(tf, projected, Norm.L2),
                  pca.reconstruct(tf, projected));
            });
    assertArrayEquals(out[0], out[1], 1e-12);
    assertArrayEquals(DATA, out[2], 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void gradientsThroughDistancesOfProjectionsAgreeWithDifferences(int components) {
    GradientCheck.check(
        (tf, x) ->
            tf.sum(
                Distances.paired(
                    tf, projected(tf, x, components, 0), projected(tf, x, components, 5), Norm.L2),
                tf.constant(0)),
        SHAPE,
        DATA,
        new Tolerance(1e-6, 1e-6));
  }

  @Test
  void gradientsThroughOtherVectorsAgreeWithDifferences() {
    double[] others = Oracle.flat(Oracle.random(4, 3, WIDTH));
    GradientCheck.check(
        (tf, x) ->
            tf.sum(
                tf.math.square(
                    Pca.fit(tf, x, 2).project(tf, matrix(tf, Shape.of(3, WIDTH), others))),
                tf.constant(new int[] {0, 1})),
        SHAPE,
        DATA,
        new Tolerance(1e-6, 1e-6));
  }

  private static Operand<TFloat64> projected(
      Ops tf, Operand<TFloat64> x, int components, int from) {
    Operand<TFloat64> all = Pca.fit(tf, x, components).project(tf, x);
    return tf.slice(all, tf.constant(new int[] {from, 0}), tf.constant(new int[] {4, components}));
  }

  /** Signs cancel in a Gram matrix and in a reconstruction, not in the coordinates. */
  @Test
  void whatDoesNotDependOnSignsIsTheSameForMirroredRows() {
    double[] mirrored = Arrays.stream(DATA).map(v -> -v).toArray();
    assertArrayEquals(gram(DATA), gram(mirrored), 1e-12);
  }

  private static double[] gram(double[] data) {
    return Evaluate.one(
        tf -> {
          Operand<TFloat64> x = matrix(tf, SHAPE, data);
          Operand<TFloat64> projected = Pca.fit(tf, x, 2).project(tf, x);
          return tf.linalg.matMul(projected, projected, MatMul.transposeB(true));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-equal", "one-direction", "square", "one-row"})
  void gradientsStayFiniteWhereEigenvaluesCoincideOrVanish(String which) {
    double[] rows =
        switch (which) {
          case "all-equal" -> new double[] {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
          case "one-direction" -> new double[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4};
          case "square" -> new double[] {1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0};
          default -> new double[] {1, 2, 3};
        };
    double[] gradient =
        GradientCheck.gradient(
            (tf, x) ->
                tf.sum(Norms.norm(tf, Pca.fit(tf, x, 2).project(tf, x), Norm.L2), tf.constant(0)),
            Shape.of(rows.length / 3, 3),
            rows);
    assertTrue(Arrays.stream(gradient).allMatch(Double::isFinite), Arrays.toString(gradient));
  }

  /** Both axes of a square have the same variance; the plane that they span has one anyway. */
  @Test
  void gradientsOfAPlaneAreRightThoughItsAxesAreNotDetermined() {
    double[] rows = {1, 0, 0.2, -1, 0, 0.1, 0, 1, -0.2, 0, -1, -0.1};
    double[][] others = Oracle.random(8, 3, 3);
    GradientCheck.check(
        (tf, x) ->
            tf.sum(
                tf.math.square(
                    Pca.fit(tf, x, 2).project(tf, matrix(tf, Shape.of(3, 3), Oracle.flat(others)))),
                tf.constant(new int[] {0, 1})),
        Shape.of(4, 3),
        rows,
        new Tolerance(1e-6, 1e-6));
  }

  @Test
  void rowsOfUnknownNumberMayBeNone() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
      Pca<TFloat32> pca = Pca.fit(tf, x, 2);
      assertEquals("[3, 2]", pca.axes().shape().toString());
      assertEquals("[2]", pca.variances().shape().toString());
    }
    double[][] out =
        Evaluate.all(
            tf -> {
              Operand<TFloat64> none = tf.zeros(tf.constant(new int[] {0, 3}), TFloat64.class);
              Pca<TFloat64> pca = Pca.fit(tf, none, 2);
              return List.of(pca.mean(), pca.variances(), pca.project(tf, none));
            });
    assertArrayEquals(new double[3], out[0]);
    assertArrayEquals(new double[2], out[1]);
    assertEquals(0, out[2].length);
  }

  @Test
  void refusesComponentsOutOfRange() {
    for (int components : new int[] {0, 5}) {
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> Evaluate.one(tf -> Pca.fit(tf, matrix(tf, SHAPE, DATA), components).mean()));
      assertEquals(
          "components must be from 1 to the width 4, got " + components, thrown.getMessage());
    }
  }

  private static Operand<TFloat64> matrix(Ops tf, Shape shape, double[] values) {
    return tf.constant(shape, DataBuffers.of(values));
  }
}
