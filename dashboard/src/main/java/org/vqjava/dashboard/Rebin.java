/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import org.vqjava.monitoring.HistogramBins;

/** Puts histograms onto a common grid. */
final class Rebin {
  private Rebin() {}

  /**
   * Counts of bins of equal width; what is in a bin of the source counts as spread evenly in it.
   * What lies outside goes into the first or last bin.
   */
  static double[] onto(HistogramBins source, double low, double high, int bins) {
    double[] edges = source.edges();
    double[] counts = source.counts();
    double[] target = new double[bins];
    double width = (high - low) / bins;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) {
        continue;
      }
      double from = (edges[i] - low) / width;
      double to = (edges[i + 1] - low) / width;
      int first = bin(from, bins);
      int last = bin(Math.nextDown(to), bins);
      if (first == last) {
        target[first] += counts[i];
        continue;
      }
      for (int b = first; b <= last; b++) {
        double left = b == first ? from : b;
        double right = b == last ? to : b + 1;
        target[b] += counts[i] * (right - left) / (to - from);
      }
    }
    return target;
  }

  private static int bin(double position, int bins) {
    return (int) Math.max(0, Math.min(bins - 1, Math.floor(position)));
  }

  /** Both together, in bins that reach over both. */
  static HistogramBins sum(HistogramBins a, HistogramBins b) {
    double[] edgesA = a.edges();
    double[] edgesB = b.edges();
    double low = Math.min(edgesA[0], edgesB[0]);
    double high = Math.max(edgesA[edgesA.length - 1], edgesB[edgesB.length - 1]);
    int bins = Math.max(edgesA.length, edgesB.length) - 1;
    double[] counts = onto(a, low, high, bins);
    double[] more = onto(b, low, high, bins);
    double[] edges = new double[bins + 1];
    for (int i = 0; i <= bins; i++) {
      edges[i] = i == bins ? high : low + (high - low) * i / bins;
      if (i < bins) {
        counts[i] += more[i];
      }
    }
    return new HistogramBins(edges, counts);
  }
}
