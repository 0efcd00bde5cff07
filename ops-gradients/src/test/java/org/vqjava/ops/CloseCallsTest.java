/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.testing.Evaluate;

/** A FAST look-up never takes a code that is a thousandth farther than the nearest one. */
class CloseCallsTest {
  private static final double TOLERANCE = 1.001;

  /** How codes may lie; the vectors are between codes of one group, where rounding counts most. */
  enum Layout {
    FAR_GROUPS,
    GROUPS_ALONG_THE_DIAGONAL,
    CLUSTERS_OF_CLUSTERS,
    MIXED_SCALES,
    ONE_CODE_FAR_AWAY,
    EQUAL_CODES_IN_GROUPS;

    double[][] codes(Random random, int size, int width, double offset) {
      int groups = Math.max(2, (int) Math.sqrt((double) size) / 2);
      double[][] centres = new double[groups][width];
      double[][] outer = new double[3][width];
      for (double[] c : outer) {
        Arrays.setAll(c, d -> offset * random.nextGaussian());
      }
      for (int g = 0; g < groups; g++) {
        double along = offset * random.nextGaussian();
        double[] from = outer[g % outer.length];
        Arrays.setAll(
            centres[g],
            d ->
                switch (this) {
                  case GROUPS_ALONG_THE_DIAGONAL -> along;
                  case CLUSTERS_OF_CLUSTERS -> from[d] + Math.sqrt(offset) * random.nextGaussian();
                  default -> offset * random.nextGaussian();
                });
      }
      double[][] codes = new double[size][width];
      for (int k = 0; k < size; k++) {
        double[] centre = centres[k % groups];
        double scale = Math.pow(10, 6 * random.nextDouble() - 3);
        int number = k;
        Arrays.setAll(
            codes[k],
            d ->
                switch (this) {
                  case MIXED_SCALES -> scale * random.nextGaussian();
                  case ONE_CODE_FAR_AWAY ->
                      number == size / 2 ? offset * 1000 : random.nextGaussian();
                  case EQUAL_CODES_IN_GROUPS -> centre[d] + Math.rint(random.nextGaussian() / 2);
                  default -> centre[d] + random.nextGaussian();
                });
      }
      return codes;
    }
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void isNeverAThousandthFartherThanTheNearest(Layout layout) {
    check(layout, 1e2, 37, 2);
    check(layout, 3e3, 256, 1);
    check(layout, 3e3, 4, 16);
    check(layout, 1e5, 300, 64);
    check(layout, 1e6, 256, 3);
    check(layout, 1e6, 256, 200);
  }

  private static void check(Layout layout, double offset, int size, int width) {
    Random random = new Random(31L * size + width);
    double[][] codes = layout.codes(random, size, width, offset);
    check(layout + " " + offset, between(random, codes, 100), codes, TFloat32.class);
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void holdsInFloat64WhereThatRoundsToo(Layout layout) {
    Random random = new Random(5);
    double[][] codes = layout.codes(random, 256, 3, 1e9);
    check(layout.name(), between(random, codes, 100), codes, TFloat64.class);
  }

  /** Codes (o, o), (o+1, o), (−o, −o), (−o−1, −o), and vectors between the first two. */
  @ParameterizedTest
  @ValueSource(doubles = {1e2, 1e3, 3e3, 1e4, 1e5, 1e6})
  void twoPairsOfCodesThatAreFarApart(double o) {
    double[][] codes = {{o, o}, {o + 1, o}, {-o, -o}, {-o - 1, -o}};
    double[][] x = new double[100][];
    for (int n = 0; n < x.length; n++) {
      x[n] = new double[] {o + n / 100.0, o};
    }
    check("pairs " + o, x, codes, TFloat32.class);
  }

  /** More blocks than one, more close calls than are compared at once, all codes in doubt. */
  @ParameterizedTest
  @CsvSource({"9000, 256, 2", "300, 1000, 3", "20, 8192, 2"})
  void manyCloseCallsAreDecidedInBlocks(int rows, int size, int width) {
    Random random = new Random(size);
    double[][] codes = Layout.FAR_GROUPS.codes(random, size, width, 1e5);
    check("many", between(random, codes, rows), codes, TFloat32.class);
  }

  /** Vectors that are codes get them, the first of equal ones, wherever they are. */
  @Test
  void vectorsThatAreCodesAreFound() {
    Random random = new Random(9);
    double[][] codes =
        rounded(Layout.EQUAL_CODES_IN_GROUPS.codes(random, 300, 3, 1e4), TFloat32.class);
    int[] indices = search(codes, codes, TFloat32.class);
    for (int k = 0; k < codes.length; k++) {
      assertEquals(Oracle.nearest(codes[k], codes, Norm.L2), indices[k]);
    }
  }

  private static double[][] between(Random random, double[][] codes, int rows) {
    double[][] x = new double[rows][];
    int width = codes[0].length;
    for (int n = 0; n < rows; n++) {
      double[] a = codes[random.nextInt(codes.length)];
      double[] b = codes[Oracle.nearest(a, without(codes, a), Norm.L2)];
      double part = random.nextInt(4) == 0 ? 0 : random.nextDouble();
      x[n] = new double[width];
      Arrays.setAll(x[n], d -> a[d] + part * (b[d] - a[d]) + 0.1 * random.nextGaussian());
    }
    return x;
  }

  private static double[][] without(double[][] codes, double[] code) {
    double[] nowhere = new double[code.length];
    Arrays.fill(nowhere, 1e30);
    return Arrays.stream(codes)
        .map(other -> Arrays.equals(other, code) ? nowhere : other)
        .toArray(double[][]::new);
  }

  private static <T extends TFloating> void check(
      String name, double[][] vectors, double[][] book, Class<T> type) {
    double[][] x = rounded(vectors, type);
    double[][] codes = rounded(book, type);
    int[] indices = search(x, codes, type);
    for (int n = 0; n < x.length; n++) {
      int nearest = Oracle.nearest(x[n], codes, Norm.L2);
      double least = Oracle.distance(x[n], codes[nearest], Norm.L2);
      double taken = Oracle.distance(x[n], codes[indices[n]], Norm.L2);
      assertTrue(
          taken <= least * TOLERANCE,
          String.format(
              Locale.ROOT,
              "%s: K = %d, D = %d, vector %d: %g instead of %g",
              name,
              codes.length,
              codes[0].length,
              n,
              taken,
              least));
    }
  }

  private static <T extends TFloating> int[] search(double[][] x, double[][] codes, Class<T> type) {
    double[] indices =
        Evaluate.one(
            tf -> {
              Operand<T> vectors = tf.dtypes.cast(tf.constant(x), type);
              Operand<T> book = tf.dtypes.cast(tf.constant(codes), type);
              return NearestCode.indices(tf, vectors, book, Norm.L2, SearchMode.FAST);
            });
    return Arrays.stream(indices).mapToInt(i -> (int) i).toArray();
  }

  private static double[][] rounded(double[][] matrix, Class<? extends TFloating> type) {
    boolean single = type.equals(TFloat32.class);
    return Arrays.stream(matrix)
        .map(row -> Arrays.stream(row).map(v -> single ? (float) v : v).toArray())
        .toArray(double[][]::new);
  }
}
