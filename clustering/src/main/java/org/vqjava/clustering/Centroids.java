/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

/**
 * Where the centroids of a tensor, or of one of its channels, begin.
 *
 * @param values the centroids; negative ones, then zero, then positive ones if there is a zero
 *     centroid, else in the order of the initializer
 * @param negative how many are for weights below 0; 0 without sparsity preservation
 * @param zero 1 if there is a centroid that stays 0, else 0
 * @param positive how many are for weights above 0; 0 without sparsity preservation
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record Centroids(double[] values, int negative, int zero, int positive) {
  /**
   * Copies the values.
   *
   * @param values the centroids
   * @param negative how many are for weights below 0
   * @param zero 1 if there is a centroid that stays 0, else 0
   * @param positive how many are for weights above 0
   */
  public Centroids {
    values = values.clone();
  }

  /**
   * The centroids.
   *
   * @return a new array
   */
  @Override
  public double[] values() {
    return values.clone();
  }
}
