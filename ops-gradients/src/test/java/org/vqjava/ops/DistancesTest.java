/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.Tolerance;

class DistancesTest {
  private static final Tolerance CLOSE = new Tolerance(1e-10, 1e-10);

  @ParameterizedTest
  @EnumSource(Norm.class)
  void pairwiseAgreesWithBruteForceBelowAndAboveTheDirectForm(Norm norm) {
    for (int rows : new int[] {0, 3, 400}) {
      double[][] x = Oracle.random(1, rows, 20);
      double[][] codes = Oracle.random(2, 90, 20);
      double[] expected = new double[rows * 90];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = Oracle.distance(x[i / 90], codes[i % 90], norm);
      }
      double[] actual =
          Evaluate.one(
              tf ->
                  Distances.pairwise(
                      tf,
                      tf.reshape(tf.constant(Oracle.flat(x)), tf.constant(new int[] {rows, 20})),
                      tf.constant(codes),
                      norm));
      CLOSE.check(norm + " " + rows, actual, expected);
    }
  }

  @Test
  void pairwiseTakesAnUnknownNumberOfRows() {
    double[][] codes = Oracle.random(2, 3, 2);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, 2)));
      var distances = Distances.pairwise(tf, x, tf.constant(codes), Norm.L1);
      assertEquals("[-1, 3]", distances.shape().toString());
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void spacingIsTheUpperTriangleRowByRow(Norm norm) {
    double[][] codes = Oracle.random(4, 6, 3);
    List<Double> expected = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      for (int j = i + 1; j < 6; j++) {
        expected.add(Oracle.distance(codes[i], codes[j], norm));
      }
    }
    CLOSE.check(
        "spacing",
        Evaluate.one(tf -> Distances.spacing(tf, tf.constant(codes), norm)),
        expected.stream().mapToDouble(d -> d).toArray());
  }

  @Test
  void oneCodeHasNoSpacing() {
    assertEquals(
        0, Evaluate.one(tf -> Distances.spacing(tf, tf.constant(new float[1][2]), Norm.L2)).length);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void pairedHasTheGradientOfTheNorm(Norm norm) {
    double[][] others = Oracle.random(8, 5, 3);
    GradientCheck.check(
        (tf, x) -> tf.sum(Distances.paired(tf, x, tf.constant(others), norm), tf.constant(0)),
        Shape.of(5, 3),
        Oracle.flat(Oracle.random(7, 5, 3)),
        new Tolerance(1e-8, 1e-8));
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void pairedHasGradientZeroWhereTheVectorsAreEqual(Norm norm) {
    double[] point = {1, 2, -3};
    assertArrayEquals(
        new double[3],
        GradientCheck.gradient(
            (tf, x) ->
                tf.sum(
                    Distances.paired(tf, x, tf.constant(new double[][] {point}), norm),
                    tf.constant(0)),
            Shape.of(1, 3),
            point));
  }

  @Test
  void pairedRefusesOtherShapes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Distances.paired(
                      tf, tf.constant(new float[2][3]), tf.constant(new float[2][4]), Norm.L2));
      assertEquals("others must have the shape of vectors [2, 3], got [2, 4]", e.getMessage());
    }
  }
}
