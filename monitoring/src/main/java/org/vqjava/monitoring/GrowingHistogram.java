/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;

/**
 * Counts numbers of which nobody knows in advance how large they will be, in one pass.
 *
 * <p>The bins reach from −top to top, or from 0 if no number is negative, where top is a power of
 * two that doubles when a larger number comes; two bins then become one, so that every count stays
 * exact and the bins of two windows are either the same or fit into each other.
 */
final class GrowingHistogram {
  /** Of each half. */
  private static final int BINS = 64;

  private static final double LEAST_TOP = 0x1p-60;

  private final long[] below = new long[BINS]; // of numbers under 0, by their size
  private final long[] above = new long[BINS];
  private double top = LEAST_TOP;
  private long finite;
  private long notFinite;
  private double sum;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  void add(float[] values) {
    for (float value : values) {
      add(value);
    }
  }

  private void add(float value) {
    if (!Float.isFinite(value)) {
      notFinite++;
      return;
    }
    double size = Math.abs((double) value);
    while (size > top) {
      grow();
    }
    int bin = Math.min(BINS - 1, (int) (size * (BINS / top)));
    (value < 0 ? below : above)[bin]++;
    finite++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }

  private void grow() {
    if (finite == 0) {
      top *= 2;
      return;
    }
    halve(below);
    halve(above);
    top *= 2;
  }

  private static void halve(long[] bins) {
    for (int i = 0; i < BINS / 2; i++) {
      bins[i] = bins[2 * i] + bins[2 * i + 1];
    }
    Arrays.fill(bins, BINS / 2, BINS, 0);
  }

  boolean isEmpty() {
    return finite + notFinite == 0;
  }

  Distribution distribution() {
    if (finite == 0) {
      HistogramBins none = new HistogramBins(new double[] {0, 1}, new double[1]);
      return new Distribution(0, notFinite, Double.NaN, Double.NaN, Double.NaN, none);
    }
    int halves = min < 0 ? 2 : 1;
    double[] edges = new double[halves * BINS + 1];
    double[] counts = new double[halves * BINS];
    int zero = (halves - 1) * BINS;
    for (int i = 0; i < BINS; i++) {
      edges[zero + i + 1] = top * (i + 1) / BINS;
      counts[zero + i] = above[i];
      if (halves == 2) {
        edges[zero - i - 1] = -top * (i + 1) / BINS;
        counts[zero - i - 1] = below[i];
      }
    }
    return new Distribution(
        finite, notFinite, min, sum / finite, max, new HistogramBins(edges, counts));
  }
}
