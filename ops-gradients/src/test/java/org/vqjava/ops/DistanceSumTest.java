/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

class DistanceSumTest {
  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void valueAndGradientAgreeWithBruteForce(Norm norm, SearchMode mode) {
    double[][] x = Oracle.random(1, 700, 5);
    double[][] codes = Oracle.random(2, 300, 5);
    double expected = 0;
    for (double[] v : x) {
      for (double[] code : codes) {
        expected += Oracle.distance(v, code, norm);
      }
    }
    double actual =
        Evaluate.one(tf -> DistanceSum.of(tf, tf.constant(x), tf.constant(codes), norm, mode))[0];
    assertEquals(expected, actual, 1e-9 * expected);
  }

  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void gradientIsTheDerivative(Norm norm, SearchMode mode) {
    double[][] x = Oracle.random(1, 40, 3);
    GradientCheck.check(
        (tf, codes) -> DistanceSum.of(tf, tf.constant(x), codes, norm, mode),
        Shape.of(6, 3),
        Oracle.flat(Oracle.random(2, 6, 3)),
        new Tolerance(1e-7, 1e-8));
  }

  /** FAST computes squares that it cannot believe anew: close pairs are as good as far ones. */
  @Test
  void closePairsAreAsExactInFastMode() {
    double[][] codes = Oracle.random(3, 8, 4);
    float[][] book = new float[8][4];
    float[][] x = new float[8][4];
    double expected = 0;
    for (int k = 0; k < 8; k++) {
      for (int d = 0; d < 4; d++) {
        book[k][d] = (float) (codes[k][d] + 10);
        x[k][d] = book[k][d] + 1e-3f;
      }
    }
    for (float[] v : x) {
      for (float[] code : book) {
        expected += Oracle.distance(doubles(v), doubles(code), Norm.L2);
      }
    }
    double actual =
        Evaluate.one(
            tf -> DistanceSum.of(tf, tf.constant(x), tf.constant(book), Norm.L2, SearchMode.FAST))[
            0];
    assertEquals(expected, actual, 1e-6 * expected);
  }

  /**
   * Beside one code far away all other pairs are too close for the expanded formula, and more than
   * are computed at once.
   */
  @Test
  void manyClosePairsAreComputedAnew() {
    int rows = 300;
    int size = 256;
    int width = 64;
    double[][] x = Oracle.random(6, rows, width);
    double[][] codes = Oracle.random(7, size, width);
    Arrays.fill(codes[0], 1e6);
    double far = 0;
    double close = 0;
    double[] derivatives = new double[size * width];
    for (double[] v : x) {
      for (int k = 0; k < size; k++) {
        double distance = Oracle.distance(v, codes[k], Norm.L2);
        far += k == 0 ? distance : 0;
        close += k == 0 ? 0 : distance;
        for (int d = 0; d < width; d++) {
          derivatives[k * width + d] += (codes[k][d] - v[d]) / distance;
        }
      }
    }
    GradientCheck.Scalar sum =
        (tf, book) -> DistanceSum.of(tf, tf.constant(x), book, Norm.L2, SearchMode.FAST);
    double actual = Evaluate.one(tf -> sum.build(tf, tf.constant(codes)))[0];
    assertEquals(close, actual - far, 1e-4 * close);
    new Tolerance(1e-7, 1e-7)
        .check(
            "gradient",
            GradientCheck.gradient(sum, Shape.of(size, width), Oracle.flat(codes)),
            derivatives);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,0", "5,1,3,1000", "3000,1,2,0", "5000,300,1,1000", "700,256,3,1000"})
  void anyShapeAndOffsetIsAsExactInFastMode(int rows, int size, int width, double offset) {
    float[][] x = floats(Oracle.random(8, rows, width), offset);
    float[][] codes = floats(Oracle.random(9, size, width), offset);
    double expected = 0;
    for (float[] v : x) {
      for (float[] code : codes) {
        expected += Oracle.distance(doubles(v), doubles(code), Norm.L2);
      }
    }
    double actual =
        Evaluate.one(
            tf -> DistanceSum.of(tf, tf.constant(x), tf.constant(codes), Norm.L2, SearchMode.FAST))[
            0];
    assertEquals(expected, actual, 2e-5 * expected);
  }

  private static float[][] floats(double[][] matrix, double offset) {
    float[][] floats = new float[matrix.length][matrix[0].length];
    for (int i = 0; i < floats.length; i++) {
      for (int j = 0; j < floats[i].length; j++) {
        floats[i][j] = (float) (matrix[i][j] + offset);
      }
    }
    return floats;
  }

  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void gradientIsFiniteWhereEverythingIsInOnePoint(Norm norm, SearchMode mode) {
    double[] point = {0.1, -0.2, 0.3, 0.1, -0.2, 0.3};
    assertArrayEquals(
        new double[6],
        GradientCheck.gradient(
            (tf, codes) ->
                DistanceSum.of(
                    tf,
                    tf.constant(new double[][] {{0.1, -0.2, 0.3}, {0.1, -0.2, 0.3}}),
                    codes,
                    norm,
                    mode),
            Shape.of(2, 3),
            point));
  }

  @Test
  void largestCoordinatesThatTieShareTheGradient() {
    assertArrayEquals(
        new double[] {0.5, 0.5, 0},
        GradientCheck.gradient(
            (tf, codes) ->
                DistanceSum.of(
                    tf, tf.constant(new double[1][3]), codes, Norm.LINF, SearchMode.FAST),
            Shape.of(1, 3),
            new double[] {2, 2, 1}));
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void unknownAndEmptyBatch(Norm norm) {
    double[][] codes = Oracle.random(5, 64, 4);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, 4)));
      var book = tf.identity(tf.constant(codes));
      var sum = DistanceSum.of(tf, x, book, norm, SearchMode.FAST);
      var gradient = graph.addGradients(sum.asOutput(), new Output<?>[] {book.asOutput()})[0];
      try (Session session = new Session(graph)) {
        for (int rows : new int[] {0, 1, 2047, 2049, 20_000}) {
          double[][] vectors = Oracle.random(9, rows, 4);
          double expected = 0;
          for (double[] v : vectors) {
            expected += Arrays.stream(codes).mapToDouble(c -> Oracle.distance(v, c, norm)).sum();
          }
          try (var fed =
                  TFloat64.tensorOf(Shape.of(rows, 4), DataBuffers.of(Oracle.flat(vectors)));
              var result = session.runner().feed(x, fed).fetch(sum).fetch(gradient).run()) {
            assertEquals(
                expected,
                TensorValues.doubles(result.get(0))[0],
                1e-9 * expected,
                norm + "" + rows);
            if (rows == 0) {
              assertArrayEquals(new double[256], TensorValues.doubles(result.get(1)));
            }
          }
        }
      }
    }
  }

  private static double[] doubles(float[] v) {
    double[] result = new double[v.length];
    for (int d = 0; d < v.length; d++) {
      result[d] = v[d];
    }
    return result;
  }
}
