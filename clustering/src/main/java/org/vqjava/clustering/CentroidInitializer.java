/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.tensorflow.ndarray.Shape;

/**
 * Where the centroids of a weight begin. All of them work on arrays, without TensorFlow.
 *
 * <p>With <b>sparsity preservation</b> one centroid is exactly 0, and of the k − 1 others {@code (k
 * − 1) · negative / (negative + positive)}, rounded half to even, are chosen among the negative
 * weights and the rest among the positive ones; zeros do not count. A tensor of zeros alone has the
 * single centroid 0.
 *
 * <p>Cost: O(n log n) for n weights, once, as they are sorted; 10 bytes a weight beside the given
 * array, which is left as it is, and its copy.
 *
 * <pre>{@code
 * CentroidInitializer.kMeansPlusPlus(1).centroids(weights, 16, false).values();
 * }</pre>
 *
 * @see <a
 *     href="https://www.tensorflow.org/model_optimization/api_docs/python/tfmot/clustering/keras">
 *     tensorflow-model-optimization</a>, whose four initializations these are
 */
public abstract class CentroidInitializer {
  CentroidInitializer() {}

  /** The centroids of one interval of the line after the other, with what they share. */
  @FunctionalInterface
  interface Rule {
    /**
     * Centroids of some weights.
     *
     * @param weights at least one
     * @param count how many centroids, at least 1
     * @param oneSide whether the weights are those on one side of 0
     */
    double[] centroids(SortedWeights weights, int count, boolean oneSide);
  }

  abstract Rule rule();

  /**
   * k values evenly from the smallest to the largest weight, both included; one alone is the
   * smallest.
   *
   * @return the initializer
   */
  public static CentroidInitializer linear() {
    return of("linear()", () -> SimpleRules::linear);
  }

  /**
   * Uniform random values between the smallest and the largest weight.
   *
   * @param seed same seed, same values
   * @return the initializer
   */
  public static CentroidInitializer random(long seed) {
    return of("random(" + seed + ")", () -> SimpleRules.random(Draws.seeded(seed)));
  }

  /**
   * Uniform values between the smallest and the largest weight from given draws, taken channel by
   * channel, of each first for the negative side.
   *
   * @param draws gives them from the beginning, each time that it is asked
   * @return the initializer
   */
  public static CentroidInitializer random(Supplier<Draws> draws) {
    return of("random(draws)", () -> SimpleRules.random(draws.get()));
  }

  /**
   * More centroids where there are more weights: the inverse of the weights' cumulative
   * distribution at k probabilities evenly from 0.01 to 1, on a grid of 30 nodes that reaches a
   * little beyond the weights.
   *
   * <p>As in the original every centroid is a node of the grid, without interpolation: some may
   * coincide, and the last one is outside of the weights.
   *
   * @return the initializer
   */
  public static CentroidInitializer densityBased() {
    return of("densityBased()", () -> SimpleRules::densityBased);
  }

  /**
   * k-means: weights chosen far from each other (k-means++), then refined by Lloyd's iteration
   * until no weight changes its cluster. The default.
   *
   * @param seed same seed, same centroids
   * @return the initializer
   */
  public static CentroidInitializer kMeansPlusPlus(long seed) {
    return of("kMeansPlusPlus(" + seed + ")", () -> KMeansPlusPlus.refined(Draws.seeded(seed)));
  }

  /**
   * The seeding of k-means++ alone, as in the original: k weights, in the order of choice. The
   * first is uniform, each other one the best of 3 + ⌊ln k⌋ candidates, which are drawn in
   * proportion to the squared distance from those chosen before.
   *
   * @param seed same seed, same centroids
   * @return the initializer
   */
  public static CentroidInitializer kMeansPlusPlusSeeding(long seed) {
    return kMeansPlusPlusSeeding(() -> Draws.seeded(seed));
  }

  /**
   * The seeding of k-means++ alone from given draws.
   *
   * @param draws gives them from the beginning, each time that it is asked
   * @return the initializer
   */
  public static CentroidInitializer kMeansPlusPlusSeeding(Supplier<Draws> draws) {
    return of("kMeansPlusPlusSeeding(draws)", () -> KMeansPlusPlus.seeding(draws.get()));
  }

  /**
   * Given centroids, as they are; with sparsity preservation the one nearest to 0 becomes 0.
   *
   * @param values k of them, or C · k channel by channel
   * @return the initializer
   */
  public static CentroidInitializer given(double... values) {
    return new GivenCentroids(values);
  }

  private static CentroidInitializer of(String name, Supplier<Rule> rule) {
    return new CentroidInitializer() {
      @Override
      Rule rule() {
        return rule.get();
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  /**
   * The centroids of a tensor.
   *
   * @param weights its values, finite, at least one
   * @param clusters k, at least 1, with sparsity preservation at least 3
   * @param preserveSparsity whether one centroid is exactly 0
   * @return k centroids, fewer only if all weights are 0 and sparsity is preserved
   * @throws IllegalArgumentException if an argument is not as said, or k-means++ is to choose more
   *     centroids than there are weights
   */
  public Centroids centroids(double[] weights, int clusters, boolean preserveSparsity) {
    check(weights, clusters, preserveSparsity);
    return centroids(rule(), weights.clone(), clusters, preserveSparsity);
  }

  /**
   * The centroids of each channel of a tensor.
   *
   * @param weights its values, row-major, finite
   * @param shape its shape, of rank 2 or more
   * @param format which axis has the channels
   * @param clusters k, at least 1, with sparsity preservation at least 3
   * @param preserveSparsity whether one centroid of each channel is exactly 0
   * @return the centroids, channel by channel
   * @throws IllegalArgumentException if an argument is not as said
   */
  public List<Centroids> centroidsPerChannel(
      double[] weights, Shape shape, DataFormat format, int clusters, boolean preserveSparsity) {
    check(weights, clusters, preserveSparsity);
    if (shape.size() != weights.length) {
      throw new IllegalArgumentException(
          "weights must be as many as shape " + shape + " has, got " + weights.length);
    }
    int axis = format.axis(shape.numDimensions());
    int channels = Math.toIntExact(shape.get(axis));
    int inner =
        Math.toIntExact(
            Shape.of(Arrays.copyOfRange(shape.asArray(), axis + 1, shape.numDimensions())).size());
    Rule rule = rule();
    List<Centroids> all = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      double[] channel = new double[weights.length / channels];
      for (int i = 0; i < channel.length; i++) {
        channel[i] = weights[(i / inner * channels + c) * inner + i % inner];
      }
      all.add(centroids(rule, channel, clusters, preserveSparsity));
    }
    return all;
  }

  private static void check(double[] weights, int clusters, boolean preserveSparsity) {
    int least = preserveSparsity ? 3 : 1;
    if (clusters < least) {
      throw new IllegalArgumentException(
          "clusters must be at least "
              + least
              + (preserveSparsity ? " with sparsity preservation" : "")
              + ", got "
              + clusters);
    }
    if (weights.length == 0) {
      throw new IllegalArgumentException("weights must not be empty");
    }
    for (double weight : weights) {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException("weights must be finite, got " + weight);
      }
    }
  }

  Centroids centroids(Rule rule, double[] weights, int clusters, boolean preserveSparsity) {
    SortedWeights sorted = SortedWeights.of(weights);
    if (!preserveSparsity) {
      return new Centroids(rule.centroids(sorted, clusters, false), 0, 0, 0);
    }
    SortedWeights below = sorted.negative();
    SortedWeights above = sorted.positive();
    int nonzero = below.count() + above.count();
    if (nonzero == 0) {
      return new Centroids(new double[] {0}, 0, 1, 0);
    }
    int negative = (int) Math.rint((clusters - 1.0) * below.count() / nonzero);
    int positive = clusters - 1 - negative;
    double[] low = negative == 0 ? new double[0] : rule.centroids(below, negative, true);
    double[] high = positive == 0 ? new double[0] : rule.centroids(above, positive, true);
    double[] values =
        Stream.of(low, new double[] {0}, high).flatMapToDouble(Arrays::stream).toArray();
    return new Centroids(values, negative, 1, positive);
  }
}
