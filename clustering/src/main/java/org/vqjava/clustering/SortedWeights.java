/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;

/**
 * Weights in ascending order, with which sums over an interval of them cost next to nothing. In one
 * dimension a cluster is such an interval, so that seeding and refinement of centroids need no
 * distance of each weight from each centroid.
 */
final class SortedWeights {
  /** A sum kept for each so many weights: memory an eighth of one for each, sums soon enough. */
  private static final int STRIDE = 16;

  private final double[] values;
  private final int from;
  private final int to;

  /** Sums are of differences from it, so that they keep their digits far from the origin. */
  private final double origin;

  private final double[] sums;
  private final double[] squares;

  /** Takes the weights and sorts them. */
  static SortedWeights of(double[] weights) {
    Arrays.parallelSort(weights);
    return new SortedWeights(weights, 0, weights.length);
  }

  private SortedWeights(double[] values, int from, int to) {
    this.values = values;
    this.from = from;
    this.to = to;
    this.origin = from < to ? values[from + (to - from) / 2] : 0;
    int kept = (to - from) / STRIDE + 1;
    sums = new double[kept];
    squares = new double[kept];
    double sum = 0;
    double square = 0;
    for (int i = 0; i < to - from; i++) {
      if (i % STRIDE == 0) {
        sums[i / STRIDE] = sum;
        squares[i / STRIDE] = square;
      }
      double d = values[from + i] - origin;
      sum += d;
      square += d * d;
    }
    if ((to - from) % STRIDE == 0) {
      sums[kept - 1] = sum;
      squares[kept - 1] = square;
    }
  }

  int count() {
    return to - from;
  }

  double get(int i) {
    return values[from + i];
  }

  double least() {
    return values[from];
  }

  double greatest() {
    return values[to - 1];
  }

  /** The weights below 0. */
  SortedWeights negative() {
    return new SortedWeights(values, from, from + countBelow(0));
  }

  /** The weights above 0. */
  SortedWeights positive() {
    return new SortedWeights(values, from + countUpTo(0), to);
  }

  /** How many are smaller than a bound. */
  int countBelow(double bound) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[middle] < bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - from;
  }

  /** How many are not larger than a bound. */
  int countUpTo(double bound) {
    return countBelow(Math.nextUp(bound));
  }

  /** The mean of the weights number {@code a} to {@code b}, without the latter; not of none. */
  double mean(int a, int b) {
    return origin + (sum(b) - sum(a)) / (b - a);
  }

  /** The squared distances of the weights number {@code a} to {@code b} from a centre. */
  double inertia(int a, int b, double centre) {
    double c = centre - origin;
    double sum = square(b) - square(a) - 2 * c * (sum(b) - sum(a)) + c * c * (b - a);
    return Math.max(0, sum);
  }

  private double sum(int end) {
    double sum = sums[end / STRIDE];
    for (int i = end / STRIDE * STRIDE; i < end; i++) {
      sum += values[from + i] - origin;
    }
    return sum;
  }

  private double square(int end) {
    double square = squares[end / STRIDE];
    for (int i = end / STRIDE * STRIDE; i < end; i++) {
      double d = values[from + i] - origin;
      square += d * d;
    }
    return square;
  }
}
