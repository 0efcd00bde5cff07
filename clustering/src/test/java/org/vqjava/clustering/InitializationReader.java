/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Tolerance;

/** Runs a case of an initialization: exact, or by its quality over many seeds. */
final class InitializationReader {
  private static final int SEEDS = 40;

  private final GoldenNode params;
  private final GoldenNode expected;
  private final GoldenTensor weights;
  private final boolean perChannel;

  private InitializationReader(GoldenCase golden) {
    params = golden.params();
    expected = golden.expected();
    weights = golden.inputs().tensorOrZeros("weights", Shape.of(1));
    perChannel = params.flag("cluster_per_channel");
  }

  static void run(GoldenCase golden) {
    InitializationReader reader = new InitializationReader(golden);
    String comparison = reader.params.text("comparison");
    switch (comparison) {
      case "exact" -> reader.exact(golden);
      case "statistical" -> reader.statistical();
      default -> throw new AssertionError("the reader does not know " + comparison);
    }
  }

  private void exact(GoldenCase golden) {
    String name = params.text("cluster_centroids_init");
    CentroidInitializer initializer =
        switch (name) {
          case "LINEAR" -> CentroidInitializer.linear();
          case "DENSITY_BASED" -> CentroidInitializer.densityBased();
          case "RANDOM" -> {
            double[] draws = golden.inputs().tensor("draws").doubles();
            yield CentroidInitializer.random(() -> Arrays.stream(draws).iterator()::next);
          }
          default -> throw new AssertionError("the reader does not know " + name);
        };
    List<Centroids> centroids = centroids(initializer);
    golden
        .tolerance()
        .check(
            "cluster_centroids", flat(centroids), expected.tensor("cluster_centroids").doubles());
    counts(centroids);
  }

  private List<Centroids> centroids(CentroidInitializer initializer) {
    int clusters = params.integer("number_of_clusters");
    boolean sparsity = params.flag("preserve_sparsity");
    DataFormat format = DataFormat.of(params.text("data_format"));
    double[] values = weights.doubles();
    return perChannel
        ? initializer.centroidsPerChannel(values, weights.shape(), format, clusters, sparsity)
        : List.of(initializer.centroids(values, clusters, sparsity));
  }

  private void counts(List<Centroids> centroids) {
    count("number_of_negative_centroids", centroids, Centroids::negative);
    count("number_of_zero_centroids", centroids, Centroids::zero);
    count("number_of_positive_centroids", centroids, Centroids::positive);
  }

  private void count(String key, List<Centroids> centroids, ToIntFunction<Centroids> of) {
    if (expected.has(key)) {
      Tolerance.EXACT.check(
          key,
          centroids.stream().mapToDouble(of::applyAsInt).toArray(),
          expected.tensor(key).doubles());
    }
  }

  private void statistical() {
    String name = params.text("cluster_centroids_init");
    if (!name.equals("KMEANS_PLUS_PLUS")) {
      throw new AssertionError("the reader does not know " + name);
    }
    params.ignore("seed", "of the native op that the reference ran");
    params.ignore("num_retries_per_sample", "of the native op that the reference ran");
    List<List<Centroids>> drawn = new ArrayList<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      drawn.add(centroids(CentroidInitializer.kMeansPlusPlusSeeding(seed)));
    }
    double bound = expected.tensor("inertia_bound").scalar();
    double sum = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Centroids> centroids = drawn.get(seed);
      checkShapeAndValues(centroids);
      counts(centroids);
      double inertia = inertia(centroids);
      if (!(inertia <= bound)) {
        throw new AssertionError(
            "inertia of seed " + seed + " must be <= " + bound + ": " + inertia);
      }
      sum += inertia / SEEDS;
    }
    double mean = expected.tensor("mean_inertia_bound").scalar();
    if (!(sum <= mean)) {
      throw new AssertionError("mean inertia must be <= " + mean + ": " + sum);
    }
  }

  private void checkShapeAndValues(List<Centroids> centroids) {
    double[] shape = expected.tensor("cluster_centroids_shape").doubles();
    int k = (int) shape[shape.length - 1];
    Tolerance.EXACT.check(
        "cluster_centroids_shape",
        perChannel ? new double[] {centroids.size(), k} : new double[] {k},
        shape);
    Set<Double> weightValues = Arrays.stream(weights.doubles()).boxed().collect(Collectors.toSet());
    weightValues.add(0.0);
    int distinct = (int) expected.tensor("distinct_centroids").scalar();
    boolean areWeights = expected.tensor("centroids_are_weights").scalar() == 1;
    for (Centroids channel : centroids) {
      double[] values = channel.values();
      if (values.length != k || Arrays.stream(values).distinct().count() < distinct) {
        throw new AssertionError("centroids " + Arrays.toString(values));
      }
      if (areWeights && !Arrays.stream(values).allMatch(weightValues::contains)) {
        throw new AssertionError("centroids must be weights: " + Arrays.toString(values));
      }
    }
  }

  private double inertia(List<Centroids> centroids) {
    Shape shape = weights.shape();
    double[] values = weights.doubles();
    int channels = centroids.size();
    int inner = 1;
    if (perChannel) {
      int axis = DataFormat.of(params.text("data_format")).axis(shape.numDimensions());
      for (int i = axis + 1; i < shape.numDimensions(); i++) {
        inner *= (int) shape.get(i);
      }
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      double value = values[i];
      sum +=
          Arrays.stream(centroids.get(i / inner % channels).values())
              .map(c -> (c - value) * (c - value))
              .min()
              .orElseThrow();
    }
    return sum;
  }

  private static double[] flat(List<Centroids> centroids) {
    return centroids.stream().flatMapToDouble(c -> Arrays.stream(c.values())).toArray();
  }
}
