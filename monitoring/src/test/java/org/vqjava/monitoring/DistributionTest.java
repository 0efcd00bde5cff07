/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void whatIsNotFiniteIsCountedApart() {
    Distribution d = Distribution.of(new float[] {3, Float.NaN, 1, 2, Float.POSITIVE_INFINITY}, 2);
    assertEquals(3, d.finite());
    assertEquals(2, d.notFinite());
    assertEquals(1, d.min());
    assertEquals(2, d.mean());
    assertEquals(3, d.max());
    assertArrayEquals(new double[] {1, 2, 3}, d.bins().edges());
    assertArrayEquals(new double[] {1, 2}, d.bins().counts());
  }

  @Test
  void ofNothingFiniteTheFiguresAreNotNumbers() {
    for (Distribution d :
        new Distribution[] {
          Distribution.of(new float[] {Float.NaN}, 3), Distribution.of(new float[0], 3)
        }) {
      assertEquals(0, d.finite());
      assertTrue(Double.isNaN(d.min()) && Double.isNaN(d.max()) && Double.isNaN(d.mean()));
      assertTrue(Double.isNaN(d.median()));
    }
    GrowingHistogram grown = new GrowingHistogram();
    assertTrue(grown.isEmpty());
    grown.add(new float[] {Float.NaN});
    assertEquals(1, grown.distribution().notFinite());
    assertTrue(Double.isNaN(grown.distribution().median()));
  }

  @Test
  void theMedianIsWithinABin() {
    Random random = new Random(1);
    float[] values = Samples.floats(random, 1001);
    Distribution d = Distribution.of(values, 200);
    Arrays.sort(values);
    double width = d.bins().edges()[1] - d.bins().edges()[0];
    assertEquals(values[500], d.median(), width);
    assertEquals(5, Distribution.of(new float[] {5, 5, 5}, 4).median());
  }

  /** Every number is counted where its bin is, whatever came before it, and edges are nested. */
  @RepeatedTest(30)
  void aHistogramThatGrowsCountsExactly(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    float[] values = Samples.floats(random, 500);
    boolean negative = repetition.getCurrentRepetition() % 2 == 0;
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) Math.pow(10, random.nextInt(6) - 3);
      values[i] = negative ? values[i] : Math.abs(values[i]);
    }
    GrowingHistogram histogram = new GrowingHistogram();
    histogram.add(Arrays.copyOf(values, 200));
    histogram.add(Arrays.copyOfRange(values, 200, 500));
    Distribution d = histogram.distribution();
    double[] edges = d.bins().edges();
    double[] expected = new double[edges.length - 1];
    for (float value : values) {
      for (int i = 0; i < expected.length; i++) {
        // Random numbers meet no edge, which is all that tells the two halves apart.
        boolean inside = value >= edges[i] && value < edges[i + 1];
        expected[i] += inside ? 1 : 0;
      }
    }
    assertEquals(negative ? 128 : 64, expected.length);
    assertArrayEquals(expected, d.bins().counts());
    assertEquals(500, d.finite());
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    assertEquals(sorted[0], d.min());
    assertEquals(sorted[499], d.max());
    double top = edges[edges.length - 1];
    assertEquals(0, Math.IEEEremainder(Math.log(top) / Math.log(2), 1), 1e-9);
  }

  @Test
  void aWrongNumberIsRefused() {
    assertEquals(
        "bins must be at least 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> Distribution.of(new float[] {1}, 0))
            .getMessage());
    HistogramBins bins = new HistogramBins(new double[] {0, 1}, new double[1]);
    assertEquals(
        "finite must be at least 0, got -1",
        assertThrows(IllegalArgumentException.class, () -> new Distribution(-1, 0, 0, 0, 0, bins))
            .getMessage());
  }
}
