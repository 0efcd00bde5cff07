/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vqjava.testing.Evaluate;

class LargestScoreTest {
  /** Scores of few values, so that most rows have several that are largest. */
  @ParameterizedTest
  @CsvSource({
    "0, 1024",
    "1, 1024",
    "50, 1024",
    "20, 4096",
    "10, 8192",
    "50, 1000",
    "50, 7",
    "50, 256",
    "50, 255"
  })
  void itIsTheFirstOfEqualOnes(int rows, int size) {
    Random random = new Random(size);
    float[][] scores = new float[rows][size];
    double[] expected = new double[rows];
    for (int n = 0; n < rows; n++) {
      for (int k = 0; k < size; k++) {
        scores[n][k] = random.nextInt(30) - 100;
      }
      float[] row = scores[n];
      expected[n] = IntStream.range(0, size).reduce(0, (best, k) -> row[k] > row[best] ? k : best);
    }
    float[] flat = new float[rows * size];
    for (int n = 0; n < rows; n++) {
      System.arraycopy(scores[n], 0, flat, n * size, size);
    }
    double[] actual =
        Evaluate.one(
            tf ->
                LargestScore.of(
                        tf,
                        tf.reshape(tf.constant(flat), tf.constant(new int[] {rows, size})),
                        size)
                    .index());
    assertArrayEquals(expected, actual, Arrays.toString(actual));
  }

  /** In groups of 8 to 64, and where there are too few scores for it. */
  @ParameterizedTest
  @CsvSource({
    "0, 1024, 8",
    "50, 1024, 1",
    "50, 1024, 8",
    "50, 1024, 60",
    "50, 1024, 1024",
    "20, 8192, 3",
    "50, 1000, 8",
    "50, 64, 5",
    "50, 7, 7"
  })
  void theLargestAreInOrderAndTheFirstOfEqualOnesFirst(int rows, int size, int k) {
    Random random = new Random(size + k);
    float[] flat = new float[rows * size];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = random.nextInt(200) - 100;
    }
    double[] expected =
        IntStream.range(0, rows)
            .mapToObj(
                n ->
                    IntStream.range(0, size)
                        .boxed()
                        .sorted(Comparator.comparing(i -> -flat[n * size + i]))
                        .limit(k))
            .flatMap(indices -> indices)
            .mapToDouble(Integer::doubleValue)
            .toArray();
    assertArrayEquals(
        expected,
        Evaluate.one(
            tf ->
                LargestScore.indices(
                    tf,
                    tf.reshape(tf.constant(flat), tf.constant(new int[] {rows, size})),
                    size,
                    k)));
  }
}
