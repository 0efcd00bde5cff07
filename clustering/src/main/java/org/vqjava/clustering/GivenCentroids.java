/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;

/** Centroids that somebody has chosen, whatever the weights are. */
final class GivenCentroids extends CentroidInitializer {
  private final double[] values;

  GivenCentroids(double[] values) {
    this.values = values.clone();
  }

  /** Takes the next ones each time that it is asked. */
  @Override
  Rule rule() {
    int[] taken = {0};
    return (weights, count, oneSide) -> {
      int end = taken[0] + count;
      if (end > values.length) {
        throw new IllegalArgumentException(
            "given centroids must be at least " + end + ", got " + values.length);
      }
      double[] next = Arrays.copyOfRange(values, taken[0], end);
      taken[0] = end;
      return next;
    };
  }

  @Override
  Centroids centroids(Rule rule, double[] weights, int clusters, boolean preserveSparsity) {
    double[] given = rule.centroids(SortedWeights.of(weights), clusters, false);
    return new Centroids(given, 0, 0, 0);
  }

  @Override
  public String toString() {
    return "given" + Arrays.toString(values);
  }
}
