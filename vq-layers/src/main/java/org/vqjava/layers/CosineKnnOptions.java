/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * How a layer looks up by a vote of the most similar codes.
 *
 * <pre>{@code
 * CosineKnnOptions.ofNeighbours(5).withMajorityThreshold(0.6)
 * }</pre>
 *
 * @param neighbours k, how many codes vote
 * @param majorityThreshold the part of the votes below which an input passes unchanged, if there is
 *     one
 * @param projection which code of the winning label is taken
 * @param lookUp splits, mode, straight-through, reduction
 */
public record CosineKnnOptions(
    int neighbours,
    OptionalDouble majorityThreshold,
    Projection projection,
    CosineVqOptions lookUp) {

  /** Which code of the winning label is taken. */
  public enum Projection {
    /** The most similar one. */
    NEAREST,
    /** The first one of the codebook, however far: the original's way. */
    FIRST
  }

  /**
   * Checks the options.
   *
   * @param neighbours k, at least 1; that it is at most K is checked by the layer
   * @param majorityThreshold from 0 to 1, if there is one
   * @param projection which code of the winning label is taken
   * @param lookUp splits, mode, straight-through, reduction
   * @throws IllegalArgumentException if a number is out of range
   */
  public CosineKnnOptions {
    Check.atLeast("neighbours", 1, neighbours);
    majorityThreshold.ifPresent(
        threshold -> {
          if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException(
                "majorityThreshold must be from 0 to 1, got " + threshold);
          }
        });
    Objects.requireNonNull(projection, "projection");
    Objects.requireNonNull(lookUp, "lookUp");
  }

  /**
   * k neighbours, no threshold, projection to the nearest, the defaults of the look-up.
   *
   * @param k how many codes vote, at least 1
   * @return the options
   * @throws IllegalArgumentException if k is below 1
   */
  public static CosineKnnOptions ofNeighbours(int k) {
    return new CosineKnnOptions(
        k, OptionalDouble.empty(), Projection.NEAREST, CosineVqOptions.defaults());
  }

  /**
   * The same with a threshold.
   *
   * @param value an input whose winning label has a smaller part of the k votes passes unchanged;
   *     from 0 to 1
   * @return new options
   * @throws IllegalArgumentException if it is out of range
   */
  public CosineKnnOptions withMajorityThreshold(double value) {
    return new CosineKnnOptions(neighbours, OptionalDouble.of(value), projection, lookUp);
  }

  /**
   * The same with another projection.
   *
   * @param value which code of the winning label is taken
   * @return new options
   */
  public CosineKnnOptions withProjection(Projection value) {
    return new CosineKnnOptions(neighbours, majorityThreshold, value, lookUp);
  }

  /**
   * The same with another look-up.
   *
   * @param value splits, mode, straight-through, reduction
   * @return new options
   */
  public CosineKnnOptions withLookUp(CosineVqOptions value) {
    return new CosineKnnOptions(neighbours, majorityThreshold, projection, value);
  }
}
