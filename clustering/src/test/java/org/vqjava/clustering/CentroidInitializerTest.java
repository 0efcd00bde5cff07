/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;

/** Centroids beside brute force and closed forms; the original's figures are the golden cases. */
class CentroidInitializerTest {

  private static double[] normal(int count, double offset, long seed) {
    Random random = new Random(seed);
    double[] weights = new double[count];
    Arrays.setAll(weights, i -> (float) (offset + random.nextGaussian()));
    return weights;
  }

  private static double inertia(double[] weights, double[] centroids) {
    return Arrays.stream(weights)
        .map(w -> Arrays.stream(centroids).map(c -> (w - c) * (w - c)).min().orElseThrow())
        .sum();
  }

  /** Lloyd's iteration by all distances. */
  private static double[] lloyd(double[] weights, double[] seeds) {
    double[] centroids = seeds.clone();
    Arrays.sort(centroids);
    for (int step = 0; step < 300; step++) {
      double[] sums = new double[centroids.length];
      int[] counts = new int[centroids.length];
      for (double weight : weights) {
        int best = 0;
        for (int j = 1; j < centroids.length; j++) {
          if (Math.abs(weight - centroids[j]) < Math.abs(weight - centroids[best])) {
            best = j;
          }
        }
        sums[best] += weight;
        counts[best]++;
      }
      for (int j = 0; j < centroids.length; j++) {
        centroids[j] = counts[j] == 0 ? centroids[j] : sums[j] / counts[j];
      }
    }
    return centroids;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1000, -1e5})
  void refinementIsLloydsIteration(double offset) {
    double[] weights = normal(2000, offset, 1);
    for (int k : new int[] {1, 2, 7, 40}) {
      double[] seeds =
          CentroidInitializer.kMeansPlusPlusSeeding(3).centroids(weights, k, false).values();
      double[] refined =
          CentroidInitializer.kMeansPlusPlus(3).centroids(weights, k, false).values();
      assertArrayEquals(lloyd(weights, seeds), refined, 1e-6);
      assertTrue(inertia(weights, refined) <= inertia(weights, seeds));
    }
  }

  /** Clouds that are far apart: k-means++ finds each of them. */
  @Test
  void seedingFindsFarClouds() {
    double[] weights = new double[400];
    double[] near = normal(400, 0, 2);
    Arrays.setAll(weights, i -> 1000 * (i % 8) + 0.01 * near[i]);
    for (long seed = 0; seed < 20; seed++) {
      double[] seeds =
          CentroidInitializer.kMeansPlusPlusSeeding(seed).centroids(weights, 8, false).values();
      Arrays.sort(seeds);
      for (int j = 0; j < 8; j++) {
        assertEquals(1000 * j, seeds[j], 1);
      }
    }
  }

  /** As often as the squared distance from the first centroid says. */
  @Test
  void seedingDrawsByTheSquaredDistance() {
    double[] weights = {0, 1, 2};
    int[] counts = new int[2];
    for (long seed = 0; seed < 4000; seed++) {
      // The first draw takes 0; of the three candidates that follow the best one is taken.
      double[] seeds =
          CentroidInitializer.kMeansPlusPlusSeeding(seed).centroids(weights, 2, false).values();
      if (seeds[0] == 0) {
        counts[seeds[1] == 1 ? 0 : 1]++;
      }
    }
    // Both leave an inertia of 1, and the first of equally good candidates wins: 1 to 4.
    assertEquals(0.2, counts[0] / (double) (counts[0] + counts[1]), 0.03);
  }

  @Test
  void whatIsTheSameIsChosenAgainWhereTooFewDiffer() {
    double[] weights = {2, 2, 5, 2, 5, 5, 2};
    double[] values = CentroidInitializer.kMeansPlusPlus(1).centroids(weights, 4, false).values();
    assertArrayEquals(new double[] {2, 5}, Arrays.stream(values).distinct().sorted().toArray());
    double[] constant = new double[9];
    Arrays.fill(constant, -3);
    for (CentroidInitializer initializer :
        List.of(
            CentroidInitializer.linear(),
            CentroidInitializer.random(1),
            CentroidInitializer.kMeansPlusPlus(1))) {
      assertArrayEquals(
          new double[] {-3, -3}, initializer.centroids(constant, 2, false).values(), "constant");
    }
  }

  @Test
  void aSeedDeterminesTheCentroids() {
    double[] weights = normal(500, 0, 4);
    for (long seed : new long[] {1, 2}) {
      assertArrayEquals(
          CentroidInitializer.random(seed).centroids(weights, 6, true).values(),
          CentroidInitializer.random(seed).centroids(weights, 6, true).values());
      assertArrayEquals(
          CentroidInitializer.kMeansPlusPlus(seed).centroids(weights, 6, true).values(),
          CentroidInitializer.kMeansPlusPlus(seed).centroids(weights, 6, true).values());
    }
    double[] other = CentroidInitializer.random(2).centroids(weights, 6, false).values();
    double[] one = CentroidInitializer.random(1).centroids(weights, 6, false).values();
    assertTrue(one[0] != other[0]);
  }

  @Test
  void sparsityKeepsAZeroBetweenTheSides() {
    double[] weights = {-4, -2, 0, 0, 1, 3, 5, 7};
    Centroids centroids = CentroidInitializer.linear().centroids(weights, 4, true);
    assertArrayEquals(new double[] {-4, 0, 1, 7}, centroids.values());
    assertEquals(
        List.of(1, 1, 2), List.of(centroids.negative(), centroids.zero(), centroids.positive()));
    Centroids positive =
        CentroidInitializer.densityBased().centroids(new double[] {0, 1, 1, 2}, 3, true);
    assertEquals(0, positive.negative());
    assertEquals(0, positive.values()[0]);
  }

  @Test
  void theWeightsAreLeftAsTheyAre() {
    double[] weights = {3, 1, 2};
    CentroidInitializer.linear().centroids(weights, 2, false);
    assertArrayEquals(new double[] {3, 1, 2}, weights);
  }

  @Test
  void eachChannelIsOnItsOwn() {
    double[] weights = {0, 10, 1, 20, 2, 30};
    List<Centroids> last =
        CentroidInitializer.linear()
            .centroidsPerChannel(weights, Shape.of(3, 2), DataFormat.CHANNELS_LAST, 2, false);
    assertArrayEquals(new double[] {0, 2}, last.get(0).values());
    assertArrayEquals(new double[] {10, 30}, last.get(1).values());
    List<Centroids> first =
        CentroidInitializer.linear()
            .centroidsPerChannel(weights, Shape.of(1, 3, 2), DataFormat.CHANNELS_FIRST, 2, false);
    assertArrayEquals(new double[] {1, 20}, first.get(1).values());
  }

  @Test
  void whatCannotBeUsedIsRefused() {
    double[] two = {1, 2};
    CentroidInitializer linear = CentroidInitializer.linear();
    refused("clusters must be at least 1, got 0", () -> linear.centroids(two, 0, false));
    refused(
        "clusters must be at least 3 with sparsity preservation, got 2",
        () -> linear.centroids(two, 2, true));
    refused("weights must not be empty", () -> linear.centroids(new double[0], 2, false));
    refused(
        "weights must be finite, got NaN",
        () -> linear.centroids(new double[] {1, Double.NaN}, 2, false));
    refused(
        "weights must be finite, got -Infinity",
        () -> linear.centroids(new double[] {Double.NEGATIVE_INFINITY}, 2, false));
    refused(
        "clusters must be at most the weights to choose among, 2, got 3",
        () -> CentroidInitializer.kMeansPlusPlus(1).centroids(two, 3, false));
    refused(
        "draws must be from 0 to below 1, got 1.0",
        () -> CentroidInitializer.random(() -> () -> 1).centroids(two, 1, false));
    refused(
        "given centroids must be at least 3, got 2",
        () -> CentroidInitializer.given(1, 2).centroids(two, 3, false));
    refused(
        "weights must be as many as shape [3, 1] has, got 2",
        () -> linear.centroidsPerChannel(two, Shape.of(3, 1), DataFormat.CHANNELS_LAST, 1, false));
    refused(
        "a weight with channels must have rank at least 2, got 1",
        () -> linear.centroidsPerChannel(two, Shape.of(2), DataFormat.CHANNELS_LAST, 1, false));
    refused(
        "data format must be one of channels_first, channels_last, got nchw",
        () -> DataFormat.of("nchw"));
    refused("aggregation must be one of sum, avg, got max", () -> GradientAggregation.of("max"));
    assertEquals("avg", GradientAggregation.of("AVG").label());
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
