/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GradientCheck;
import org.vqjava.testing.Tolerance;

class ClosestSpacingTest {
  @ParameterizedTest
  @CsvSource({
    "L1,FAST,9",
    "L2,FAST,9",
    "L2,EXACT,9",
    "LINF,FAST,9",
    "L1,FAST,3000",
    "L2,FAST,3000",
    "L2,FAST,320"
  })
  void agreesWithBruteForce(Norm norm, SearchMode mode, int size) {
    double[][] codes = Oracle.random(1, size, 4);
    double[] expected = new double[size];
    for (int k = 0; k < size; k++) {
      expected[k] = Double.POSITIVE_INFINITY;
      for (int j = 0; j < size; j++) {
        if (j != k) {
          expected[k] = Math.min(expected[k], Oracle.distance(codes[k], codes[j], norm));
        }
      }
    }
    double[][] actual =
        Evaluate.all(
            tf -> {
              var closest = ClosestSpacing.of(tf, tf.constant(codes), norm, mode);
              return List.of(closest.spacing(), closest.total());
            });
    Tolerance close = new Tolerance(1e-12, 1e-12);
    close.check("spacing", actual[0], expected);
    double total = 0;
    for (double c : expected) {
      total += c;
    }
    new Tolerance(0, 1e-10).check("total", actual[1], new double[] {total});
  }

  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void gradientIsTheDerivative(Norm norm, SearchMode mode) {
    GradientCheck.check(
        (tf, codes) -> ClosestSpacing.of(tf, codes, norm, mode).total(),
        Shape.of(9, 4),
        Oracle.flat(Oracle.random(2, 9, 4)),
        new Tolerance(1e-8, 1e-8));
  }

  /** Code 1 lies between two others that are equally close: half of its gradient from each. */
  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void equallyCloseCodesShareTheGradient(Norm norm, SearchMode mode) {
    assertArrayEquals(
        new double[] {-1.5, 0, 1.5},
        GradientCheck.gradient(
            (tf, codes) -> ClosestSpacing.of(tf, codes, norm, mode).total(),
            Shape.of(3, 1),
            new double[] {-1, 0, 1}));
  }

  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void equalCodesHaveSpacingAndGradientZero(Norm norm, SearchMode mode) {
    double[] codes = {0.3, 0.7, 0.3, 0.7, 0.3, 0.7};
    assertArrayEquals(
        new double[3],
        Evaluate.one(
            tf ->
                ClosestSpacing.of(
                        tf,
                        tf.reshape(tf.constant(codes), tf.constant(new int[] {3, 2})),
                        norm,
                        mode)
                    .spacing()));
    assertArrayEquals(
        new double[6],
        GradientCheck.gradient(
            (tf, c) -> ClosestSpacing.of(tf, c, norm, mode).total(), Shape.of(3, 2), codes));
  }

  @ParameterizedTest
  @CsvSource({"2,1,1000", "300,1,1000", "256,3,1000", "700,16,1000", "512,4,0"})
  void anyShapeAndOffsetIsExactInFastMode(int size, int width, double offset) {
    double[][] codes = Oracle.random(4, size, width);
    for (double[] code : codes) {
      Arrays.setAll(code, d -> (float) (code[d] + offset));
    }
    double[] expected = new double[size];
    Arrays.setAll(
        expected,
        k ->
            IntStream.range(0, size)
                .filter(j -> j != k)
                .mapToDouble(j -> Oracle.distance(codes[k], codes[j], Norm.L2))
                .min()
                .orElseThrow());
    double[] actual =
        Evaluate.one(
            tf ->
                ClosestSpacing.of(
                        tf,
                        tf.dtypes.cast(tf.constant(codes), TFloat32.class),
                        Norm.L2,
                        SearchMode.FAST)
                    .spacing());
    // Numbers about 1000 minus their mean are rounded to 6e-5.
    new Tolerance(2e-4, 1e-5).check("spacing", actual, expected);
  }

  /** Points of a grid tie with up to six others, in several groups of the codebook. */
  @Test
  void tiesOverTheWholeCodebookShareTheGradientAsInExactMode() {
    int edge = 8;
    int size = edge * edge * edge;
    double[] codes = new double[size * 3];
    for (int i = 0; i < size; i++) {
      int at = i * 37 % size;
      int[] coordinates = {at % edge, at / edge % edge, at / edge / edge};
      for (int d = 0; d < 3; d++) {
        codes[3 * i + d] = coordinates[d];
      }
    }
    Shape shape = Shape.of(size, 3);
    new Tolerance(1e-12, 1e-12)
        .check(
            "gradient",
            GradientCheck.gradient(
                (tf, e) -> ClosestSpacing.of(tf, e, Norm.L2, SearchMode.FAST).total(),
                shape,
                codes),
            GradientCheck.gradient(
                (tf, e) -> ClosestSpacing.of(tf, e, Norm.L2, SearchMode.EXACT).total(),
                shape,
                codes));
  }

  /** All pairs are candidates then, many blocks of them. */
  @Test
  void aCodebookOfEqualCodesHasNoSpacing() {
    double[] spacing =
        Evaluate.one(
            tf ->
                ClosestSpacing.of(
                        tf,
                        tf.fill(tf.constant(new int[] {512, 64}), tf.constant(0.3f)),
                        Norm.L2,
                        SearchMode.FAST)
                    .spacing());
    assertArrayEquals(new double[512], spacing);
  }

  @ParameterizedTest
  @CsvSource({"L1,FAST", "L2,FAST", "L2,EXACT", "LINF,FAST"})
  void twoCodesPushEachOther(Norm norm, SearchMode mode) {
    assertArrayEquals(
        new double[] {-2, 2},
        GradientCheck.gradient(
            (tf, codes) -> ClosestSpacing.of(tf, codes, norm, mode).total(),
            Shape.of(2, 1),
            new double[] {0.5, 2}));
  }

  @Test
  void oneCodeHasSpacingAndGradientZero() {
    for (Norm norm : Norm.values()) {
      assertArrayEquals(
          new double[1],
          Evaluate.one(
              tf ->
                  ClosestSpacing.of(tf, tf.constant(new float[1][3]), norm, SearchMode.FAST)
                      .spacing()));
      assertArrayEquals(
          new double[3],
          GradientCheck.gradient(
              (tf, codes) -> ClosestSpacing.of(tf, codes, norm, SearchMode.FAST).total(),
              Shape.of(1, 3),
              new double[] {1, 2, 3}));
    }
  }
}
