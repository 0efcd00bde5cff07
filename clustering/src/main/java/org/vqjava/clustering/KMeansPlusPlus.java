/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;

/**
 * k-means in one dimension: seeding by k-means++ with several candidates for each centroid, and
 * refinement by Lloyd's iteration. Clusters are intervals of the sorted weights, so that both cost
 * O(k) sums over intervals a step, whatever the number of weights.
 *
 * @see <a href="https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf">Arthur,
 *     Vassilvitskii, 2007</a>
 */
final class KMeansPlusPlus {
  /** By then what a step still gains is rounding; hardly any weight moves after thirty. */
  private static final int MOST_REFINEMENTS = 300;

  private final SortedWeights weights;
  private final Draws draws;

  /** Those chosen so far, ascending. */
  private double[] centroids = {};

  private KMeansPlusPlus(SortedWeights weights, Draws draws) {
    this.weights = weights;
    this.draws = draws;
  }

  static CentroidInitializer.Rule seeding(Draws draws) {
    return (weights, count, oneSide) -> new KMeansPlusPlus(weights, draws).seed(count);
  }

  static CentroidInitializer.Rule refined(Draws draws) {
    return (weights, count, oneSide) ->
        refine(weights, new KMeansPlusPlus(weights, draws).seed(count));
  }

  /** In the order of choice. */
  private double[] seed(int count) {
    if (count > weights.count()) {
      throw new IllegalArgumentException(
          "clusters must be at most the weights to choose among, "
              + weights.count()
              + ", got "
              + count);
    }
    int candidates = 3 + (int) Math.floor(Math.log(count));
    double[] chosen = new double[count];
    for (int j = 0; j < count; j++) {
      chosen[j] = j == 0 ? uniform() : best(candidates);
      add(chosen[j]);
    }
    return chosen;
  }

  private double uniform() {
    return weights.get(Math.min(weights.count() - 1, (int) (draws.next() * weights.count())));
  }

  private double best(int candidates) {
    int[] ends = ends(weights, centroids);
    double[] inertia = new double[centroids.length];
    Arrays.setAll(inertia, i -> inertia(ends, i));
    double total = Arrays.stream(inertia).sum();
    if (!(total > 0)) {
      return uniform(); // every weight is a centroid already: one of them again
    }
    double best = Double.NaN;
    double bestGain = -1;
    for (int c = 0; c < candidates; c++) {
      double candidate = far(ends, inertia, draws.next() * total);
      double gain = gain(ends, candidate);
      if (gain > bestGain) {
        bestGain = gain;
        best = candidate;
      }
    }
    return best;
  }

  /** The weight at which the squared distances, summed up from the least one, pass a bound. */
  private double far(int[] ends, double[] inertia, double bound) {
    int i = 0;
    while (i < inertia.length - 1 && bound >= inertia[i]) {
      bound -= inertia[i];
      i++;
    }
    int first = ends[i];
    int low = first;
    int high = ends[i + 1] - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (weights.inertia(first, middle + 1, centroids[i]) > bound) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return weights.get(low);
  }

  /**
   * By how much a candidate lessens the squared distances: only its two neighbours lose weights.
   */
  private double gain(int[] ends, double candidate) {
    int place = place(candidate);
    int begin = place == 0 ? 0 : weights.countUpTo(middle(centroids[place - 1], candidate));
    int end =
        place == centroids.length
            ? weights.count()
            : weights.countUpTo(middle(candidate, centroids[place]));
    double gain = -weights.inertia(begin, end, candidate);
    if (place > 0 && begin < ends[place]) {
      gain += weights.inertia(begin, ends[place], centroids[place - 1]);
    }
    if (place < centroids.length && ends[place] < end) {
      gain += weights.inertia(ends[place], end, centroids[place]);
    }
    return gain;
  }

  private double inertia(int[] ends, int i) {
    return weights.inertia(ends[i], ends[i + 1], centroids[i]);
  }

  private int place(double candidate) {
    int found = Arrays.binarySearch(centroids, candidate);
    return found < 0 ? -found - 1 : found;
  }

  private void add(double centroid) {
    double[] more = Arrays.copyOf(centroids, centroids.length + 1);
    more[centroids.length] = centroid;
    Arrays.sort(more);
    centroids = more;
  }

  /** Sorted means; a centroid that no weight is nearest to stays where it is. */
  private static double[] refine(SortedWeights weights, double[] seeds) {
    double[] centroids = seeds.clone();
    Arrays.sort(centroids);
    int[] before = {};
    for (int step = 0; step < MOST_REFINEMENTS; step++) {
      int[] ends = ends(weights, centroids);
      if (Arrays.equals(ends, before)) {
        break;
      }
      for (int i = 0; i < centroids.length; i++) {
        if (ends[i] < ends[i + 1]) {
          centroids[i] = weights.mean(ends[i], ends[i + 1]);
        }
      }
      before = ends;
    }
    return centroids;
  }

  /** Where the weights of each of the sorted centroids end, after a 0. */
  private static int[] ends(SortedWeights weights, double[] centroids) {
    int[] ends = new int[centroids.length + 1];
    for (int i = 1; i < centroids.length; i++) {
      ends[i] = weights.countUpTo(middle(centroids[i - 1], centroids[i]));
    }
    ends[centroids.length] = weights.count();
    return ends;
  }

  private static double middle(double a, double b) {
    return a + (b - a) / 2;
  }
}
