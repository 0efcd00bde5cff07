/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

class MostSimilarCodesTest {
  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void agreesWithBruteForce(SearchMode mode) {
    double[][] vectors = Oracle.random(1, 300, 7);
    double[][] codes = Oracle.random(2, 40, 7);
    double[][] out =
        Evaluate.all(
            tf -> {
              Operand<TFloat64> x = matrix(tf, vectors);
              Operand<TFloat64> e = matrix(tf, codes);
              return List.of(
                  MostSimilarCodes.first(tf, x, e, mode), MostSimilarCodes.top(tf, x, e, 5, mode));
            });
    for (int n = 0; n < vectors.length; n++) {
      int[] expected = ranked(vectors[n], codes);
      assertEquals(expected[0], out[0][n]);
      for (int j = 0; j < 5; j++) {
        assertEquals(expected[j], out[1][5 * n + j]);
      }
    }
  }

  private static int[] ranked(double[] vector, double[][] codes) {
    return IntStream.range(0, codes.length)
        .boxed()
        .sorted(Comparator.comparingDouble(k -> -cosine(vector, codes[k])))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double cosine(double[] a, double[] b) {
    double dot = 0;
    for (int d = 0; d < a.length; d++) {
      dot += a[d] * b[d];
    }
    return dot / Oracle.norm(a, Norm.L2) / Oracle.norm(b, Norm.L2);
  }

  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void oneGraphServesEveryBatchSize(SearchMode mode) {
    double[][] codes = Oracle.random(2, 600, 3);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3)));
      Operand<TFloat32> e = tf.dtypes.cast(matrix(tf, codes), TFloat32.class);
      var first = MostSimilarCodes.first(tf, x, e, mode);
      var top = MostSimilarCodes.top(tf, x, e, 2, mode);
      try (Session session = new Session(graph)) {
        for (int rows : new int[] {0, 1, 290, 291, 292, 3494, 3495, 3496, 10_000}) {
          float[] batch = new float[rows * 3];
          for (int i = 0; i < batch.length; i++) {
            batch[i] = (float) Math.sin(i * 0.7);
          }
          try (TFloat32 fed = TFloat32.tensorOf(Shape.of(rows, 3), DataBuffers.of(batch));
              var result = session.runner().feed(x, fed).fetch(first).fetch(top).run()) {
            double[] firsts = TensorValues.doubles(result.get(0));
            double[] tops = TensorValues.doubles(result.get(1));
            assertEquals(rows, firsts.length);
            assertEquals(2 * rows, tops.length);
            for (int n = 0; n < rows; n++) {
              assertEquals(firsts[n], tops[2 * n]);
            }
          }
        }
      }
    }
  }

  @Test
  void parallelCodesTieAndTheLowestIndexWins() {
    double[][] codes = {{-1, 0}, {1, 1}, {2, 2}, {0.5, 0.5}};
    for (SearchMode mode : SearchMode.values()) {
      double[] top =
          Evaluate.one(
              tf ->
                  MostSimilarCodes.top(
                      tf, matrix(tf, new double[][] {{3, 4}}), matrix(tf, codes), 4, mode));
      assertArrayEquals(new double[] {1, 2, 3, 0}, top);
    }
  }

  @Test
  void theZeroVectorTakesTheFirstCode() {
    for (SearchMode mode : SearchMode.values()) {
      double[] first =
          Evaluate.one(
              tf ->
                  MostSimilarCodes.first(
                      tf,
                      matrix(tf, new double[][] {{0, 0}}),
                      matrix(tf, new double[][] {{1, 0}, {0, 1}}),
                      mode));
      assertArrayEquals(new double[1], first);
    }
  }

  @Test
  void refusesKOutOfRange() {
    for (int k : new int[] {0, 3}) {
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Evaluate.one(
                      tf ->
                          MostSimilarCodes.top(
                              tf,
                              matrix(tf, new double[][] {{0, 0}}),
                              matrix(tf, new double[][] {{1, 0}, {0, 1}}),
                              k,
                              SearchMode.FAST)));
      assertEquals("k must be from 1 to the number of codes 2, got " + k, thrown.getMessage());
    }
  }

  @Test
  void unitVectorsAndCosinesHaveTheGradientsOfTheirFormulas() {
    double[] point = Oracle.flat(Oracle.random(5, 4, 3));
    double[][] partners = Oracle.random(6, 4, 3);
    GradientCheck.check(
        (tf, x) -> tf.sum(CosineSimilarity.paired(tf, x, matrix(tf, partners)), tf.constant(0)),
        Shape.of(4, 3),
        point,
        new Tolerance(1e-8, 1e-8));
  }

  @Test
  void aVectorShorterThanAMillionthHasAFiniteGradient() {
    double[] gradient =
        GradientCheck.gradient(
            (tf, x) ->
                tf.sum(
                    tf.reshape(CosineSimilarity.unit(tf, x), tf.constant(new int[] {-1})),
                    tf.constant(0)),
            Shape.of(2, 2),
            new double[] {0, 0, 1e-9, 0});
    assertArrayEquals(new double[] {1e6, 1e6, 1e6, 1e6}, gradient, 1e-3);
    double[] unit =
        Evaluate.one(
            tf ->
                CosineSimilarity.unit(tf, matrix(tf, new double[][] {{0, 0}, {1e-9, 0}, {3, 4}})));
    assertArrayEquals(new double[] {0, 0, 1e-3, 0, 0.6, 0.8}, unit, 1e-12);
    assertTrue(Arrays.stream(unit).allMatch(Double::isFinite));
  }

  private static Operand<TFloat64> matrix(Ops tf, double[][] values) {
    return tf.constant(
        Shape.of(values.length, values[0].length), DataBuffers.of(Oracle.flat(values)));
  }
}
