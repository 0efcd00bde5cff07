/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramBinsTest {
  private static final double[] UNIT = {0, 1};
  private static final double[] ONE = {1};

  @Test
  void valueOnAnInnerEdgeFallsToTheRightAndTheHighestIntoTheLastBin() {
    HistogramBins bins = HistogramBins.of(new double[] {0, 1, 1, 2, 4}, 2);

    assertEquals(new HistogramBins(new double[] {0, 2, 4}, new double[] {3, 2}), bins);
  }

  /** numpy 2.0.2: np.histogram([-1.5, -1, -0.2, 0, 0.4, 0.4, 3, 2.5, 1.2], bins=6). */
  @Test
  void countsAreThoseOfNumpy() {
    double[] values = {-1.5, -1, -0.2, 0, 0.4, 0.4, 3, 2.5, 1.2};

    HistogramBins bins = HistogramBins.of(values, 6);

    assertArrayEquals(new double[] {-1.5, -0.75, 0, 0.75, 1.5, 2.25, 3}, bins.edges(), 1e-15);
    assertArrayEquals(new double[] {2, 1, 3, 1, 0, 2}, bins.counts());
  }

  @Test
  void negativeZeroCountsAsZero() {
    HistogramBins bins = HistogramBins.of(new double[] {-1, -0.0, 0.0, 1}, 2);

    assertEquals(new HistogramBins(new double[] {-1, 0, 1}, new double[] {1, 3}), bins);
    assertArrayEquals(new double[] {2, 1}, HistogramBins.of(new double[] {-0.0, 0, 1}, 2).counts());
  }

  @Test
  void floatsAreCountedAsDoubles() {
    assertEquals(
        HistogramBins.of(new double[] {0.1f, 0.2f, 0.7f}, 4),
        HistogramBins.of(new float[] {0.1f, 0.2f, 0.7f}, 4));
  }

  @Test
  void equalValuesLieInBinsThatSpanOne() {
    HistogramBins bins = HistogramBins.of(new double[] {3, 3, 3}, 4);

    assertEquals(
        new HistogramBins(new double[] {2.5, 2.75, 3, 3.25, 3.5}, new double[] {0, 0, 3, 0}), bins);
  }

  @ParameterizedTest
  @CsvSource({
    "1e300, 1e300",
    "-1e17, -1e17",
    "1, 1.0000000000000002",
    "-1.7976931348623157e308, 1.7976931348623157e308",
    "1.7976931348623157e308, 1.7976931348623157e308",
    "-1.7976931348623157e308, -1.7976931348623157e308",
    "0, 4.9e-324",
    "0, 0"
  })
  void extremeRangesHaveAscendingEdgesAroundTheValues(double low, double high) {
    HistogramBins bins = HistogramBins.of(new double[] {low, high}, 30);

    assertHolds(bins, low, high, 2);
  }

  /** The seed is printed with a failure. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyValueLiesInTheBinThatCountsIt(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      double scale = Math.pow(10, random.nextInt(40) - 20);
      double center = random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      double[] values = new double[1 + random.nextInt(50)];
      Arrays.setAll(values, i -> center + scale * random.nextGaussian());
      int size = 1 + random.nextInt(60);

      HistogramBins bins = HistogramBins.of(values, size);

      double[] expected = new double[size];
      double[] edges = bins.edges();
      for (double value : values) {
        int bin = size - 1;
        while (value < edges[bin]) {
          bin--;
        }
        expected[bin]++;
      }
      assertArrayEquals(expected, bins.counts());
      assertHolds(
          bins,
          Arrays.stream(values).min().orElseThrow(),
          Arrays.stream(values).max().orElseThrow(),
          values.length);
    }
  }

  @Test
  void arraysAreCopiedInAndOut() {
    double[] edges = {0, 1, 2};
    double[] counts = {3, 0.5};
    HistogramBins bins = new HistogramBins(edges, counts);
    edges[0] = 9;
    counts[0] = 9;
    bins.edges()[0] = 9;
    bins.counts()[0] = 9;

    assertArrayEquals(new double[] {0, 1, 2}, bins.edges());
    assertArrayEquals(new double[] {3, 0.5}, bins.counts());
  }

  @Test
  void equalNumbersAreEqualHistograms() {
    HistogramBins bins = new HistogramBins(UNIT, ONE);

    assertEquals(new HistogramBins(new double[] {0, 1}, new double[] {1}), bins);
    assertEquals(new HistogramBins(UNIT.clone(), ONE.clone()).hashCode(), bins.hashCode());
    assertNotEquals(new HistogramBins(UNIT, new double[] {2}), bins);
    assertNotEquals(new HistogramBins(new double[] {0, 2}, ONE), bins);
    assertNotEquals(bins, new Object());
    assertEquals("HistogramBins[edges=[0.0, 1.0], counts=[1.0]]", bins.toString());
  }

  @Test
  void wrongEdgesAreRefused() {
    assertRefused(
        "edges must have at least 2 values, got 1",
        () -> new HistogramBins(new double[] {1}, new double[0]));
    assertRefused(
        "edges must be ascending, got 1.0 after 1.0 at index 2",
        () -> new HistogramBins(new double[] {0, 1, 1}, new double[] {1, 1}));
    assertRefused(
        "edges must be finite, got NaN at index 1",
        () -> new HistogramBins(new double[] {0, Double.NaN}, ONE));
    assertRefused(
        "edges must be finite, got Infinity at index 1",
        () -> new HistogramBins(new double[] {0, Double.POSITIVE_INFINITY}, ONE));
  }

  @Test
  void wrongCountsAreRefused() {
    assertRefused(
        "counts must have 1 values, one less than edges, got 2",
        () -> new HistogramBins(UNIT, new double[] {1, 2}));
    assertRefused(
        "counts must be at least 0, got -1.0 at index 0",
        () -> new HistogramBins(UNIT, new double[] {-1}));
    assertRefused(
        "counts must be finite, got NaN at index 0",
        () -> new HistogramBins(UNIT, new double[] {Double.NaN}));
  }

  @Test
  void wrongValuesAreRefused() {
    assertRefused("bins must be at least 1, got 0", () -> HistogramBins.of(ONE, 0));
    assertRefused(
        "values must not be empty, got 0 values", () -> HistogramBins.of(new float[0], 3));
    assertRefused(
        "values must be finite, got NaN at index 1",
        () -> HistogramBins.of(new double[] {1, Double.NaN}, 3));
    assertRefused(
        "values must be finite, got -Infinity at index 0",
        () -> HistogramBins.of(new float[] {Float.NEGATIVE_INFINITY}, 3));
  }

  private static void assertHolds(HistogramBins bins, double low, double high, double values) {
    double[] edges = bins.edges();
    assertTrue(edges[0] <= low, () -> "lowest value " + low + ", first edge " + edges[0]);
    assertTrue(edges[edges.length - 1] >= high, () -> "highest value " + high + " in " + bins);
    assertEquals(values, Arrays.stream(bins.counts()).sum());
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
