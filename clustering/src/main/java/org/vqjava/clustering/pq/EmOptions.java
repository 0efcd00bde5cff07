/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Objects;
import java.util.OptionalDouble;
import org.vqjava.ops.SearchMode;

/**
 * How the EM algorithm runs.
 *
 * <pre>{@code
 * EmOptions.ofCentroids(256).withIterations(20)
 * }</pre>
 *
 * @param centroids k
 * @param iterations the most steps
 * @param tolerance a run ends early when a step lessens the objective by no more than this part of
 *     it; 0 for never
 * @param start where the centroids begin
 * @param splitNoise ε, how far the halves of a split cluster are set apart, a factor of standard
 *     normal numbers; a hundredth of the blocks' root mean square if empty
 * @param maxTentatives the most splits of a step
 * @param finalAssignment whether the assignments of the result are made once more after the last
 *     step; else they are one step older than the centroids, as in the original
 * @param originalTentatives whether the split after the last allowed one ends the run even if it
 *     fills every cluster, without means, as in the original
 * @param mode how nearest centroids are compared
 * @param seed of the k-means++ start; other draws are handed in
 */
public record EmOptions(
    int centroids,
    int iterations,
    double tolerance,
    Start start,
    OptionalDouble splitNoise,
    int maxTentatives,
    boolean finalAssignment,
    boolean originalTentatives,
    SearchMode mode,
    long seed) {

  /** Where the centroids begin. */
  public enum Start {
    /** Blocks at random, with replacement: the original's way. */
    RANDOM,
    /** Blocks far from each other, by k-means++ with several candidates. */
    K_MEANS_PLUS_PLUS
  }

  /**
   * Checks the options.
   *
   * @param centroids k, at least 1
   * @param iterations at least 1
   * @param tolerance at least 0
   * @param start where the centroids begin
   * @param splitNoise positive and finite, if it is there
   * @param maxTentatives at least 0
   * @param finalAssignment whether to assign once more
   * @param originalTentatives whether to give up as the original does
   * @param mode how nearest centroids are compared
   * @param seed any number
   * @throws IllegalArgumentException if a number is out of range
   */
  public EmOptions {
    atLeast("centroids", 1, centroids);
    atLeast("iterations", 1, iterations);
    atLeast("maxTentatives", 0, maxTentatives);
    if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("tolerance must be at least 0, got " + tolerance);
    }
    splitNoise.ifPresent(
        noise -> {
          if (!(noise > 0 && noise < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                "splitNoise must be positive and finite, got " + noise);
          }
        });
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(mode, "mode");
  }

  private static void atLeast(String name, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
    }
  }

  /**
   * k centroids from k-means++, at most 20 steps, an end at 0.1 % improvement, 30 splits a step.
   *
   * @param k how many centroids, at least 1
   * @return the options
   * @throws IllegalArgumentException if k is below 1
   */
  public static EmOptions ofCentroids(int k) {
    return new EmOptions(
        k,
        20,
        1e-3,
        Start.K_MEANS_PLUS_PLUS,
        OptionalDouble.empty(),
        30,
        true,
        false,
        SearchMode.FAST,
        1);
  }

  /**
   * As fairseq has it: a random start, all steps, assignments older than the centroids, its way of
   * giving up, ties to the last bit.
   *
   * @param k how many centroids
   * @param iterations how many steps
   * @param noise ε of a split, 1e-6 by default there
   * @param tentatives the most splits, 30 by default there
   * @return the options
   * @throws IllegalArgumentException if a number is out of range
   */
  public static EmOptions original(int k, int iterations, double noise, int tentatives) {
    return new EmOptions(
        k,
        iterations,
        0,
        Start.RANDOM,
        OptionalDouble.of(noise),
        tentatives,
        false,
        true,
        SearchMode.EXACT,
        1);
  }

  /**
   * The same with other steps.
   *
   * @param value the most steps, at least 1
   * @return new options
   */
  public EmOptions withIterations(int value) {
    return new EmOptions(
        centroids,
        value,
        tolerance,
        start,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        mode,
        seed);
  }

  /**
   * The same with another end.
   *
   * @param value the part of the objective below which an improvement ends the run, 0 for never
   * @return new options
   */
  public EmOptions withTolerance(double value) {
    return new EmOptions(
        centroids,
        iterations,
        value,
        start,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        mode,
        seed);
  }

  /**
   * The same with another start.
   *
   * @param value where the centroids begin
   * @return new options
   */
  public EmOptions withStart(Start value) {
    return new EmOptions(
        centroids,
        iterations,
        tolerance,
        value,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        mode,
        seed);
  }

  /**
   * The same with another way to compare distances.
   *
   * @param value FAST, the default, multiplies; EXACT subtracts, so that ties go to the lowest
   *     index
   * @return new options
   */
  public EmOptions withMode(SearchMode value) {
    return new EmOptions(
        centroids,
        iterations,
        tolerance,
        start,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        value,
        seed);
  }

  /**
   * The same with another seed.
   *
   * @param value of the k-means++ start
   * @return new options
   */
  public EmOptions withSeed(long value) {
    return new EmOptions(
        centroids,
        iterations,
        tolerance,
        start,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        mode,
        value);
  }

  /**
   * The same for another number of centroids.
   *
   * @param value k, at least 1
   * @return new options
   */
  public EmOptions withCentroids(int value) {
    return new EmOptions(
        value,
        iterations,
        tolerance,
        start,
        splitNoise,
        maxTentatives,
        finalAssignment,
        originalTentatives,
        mode,
        seed);
  }
}
