/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;

/** Centroids from the range and the distribution of the weights. */
final class SimpleRules {
  private static final int GRID_NODES = 30;
  private static final double GRID_GAP = 0.01;
  private static final double LEAST_PROBABILITY = 0.01;

  private SimpleRules() {}

  static double[] linear(SortedWeights weights, int count, boolean oneSide) {
    return evenly(weights.least(), weights.greatest(), count);
  }

  static CentroidInitializer.Rule random(Draws draws) {
    return (weights, count, oneSide) -> {
      double range = weights.greatest() - weights.least();
      double[] centroids = new double[count];
      for (int j = 0; j < count; j++) {
        double draw = draws.next();
        if (!(draw >= 0 && draw < 1)) {
          throw new IllegalArgumentException("draws must be from 0 to below 1, got " + draw);
        }
        centroids[j] = weights.least() + draw * range;
      }
      return centroids;
    };
  }

  /** On one side of 0 the grid must not reach beyond it. */
  static double[] densityBased(SortedWeights weights, int count, boolean oneSide) {
    double nearest = Math.min(Math.abs(weights.least()), Math.abs(weights.greatest()));
    double gap = oneSide ? Math.min(GRID_GAP, nearest / 2) : GRID_GAP;
    double[] grid = evenly(weights.least() - gap, weights.greatest() + gap, GRID_NODES);
    double[] cumulative = new double[GRID_NODES];
    Arrays.setAll(cumulative, i -> (double) weights.countUpTo(grid[i]) / weights.count());
    double[] centroids = evenly(LEAST_PROBABILITY, 1, count);
    for (int j = 0; j < count; j++) {
      // In float32, as the original compares them: many weights make probabilities equal.
      float probability = (float) centroids[j];
      int reached = 0;
      while (reached < GRID_NODES && (float) cumulative[reached] <= probability) {
        reached++;
      }
      centroids[j] = grid[Math.min(reached, GRID_NODES - 1)];
    }
    return centroids;
  }

  private static double[] evenly(double first, double last, int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> i == 0 ? first : first + (last - first) * i / (count - 1));
    if (count > 1) {
      values[count - 1] = last;
    }
    return values;
  }
}
