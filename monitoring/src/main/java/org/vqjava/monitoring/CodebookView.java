/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Where the codes are.
 *
 * @param width D, how many numbers a code has
 * @param values the codebook, {@code [K, D]}, row-major
 * @param points the codes in the plane of the first two principal components of the codebook,
 *     {@code [K, 2]}, row-major, about the codebook's mean. The plane is turned within itself so
 *     that it lies as the one before it did: no mirror flips, no spin. NaN for a code that is not
 *     finite
 * @param explained the part of the finite codes' variance that the points show, from 0 to 1; 1 if
 *     there is none, 0 if no code is finite
 * @param spacing the distance of each code from the closest other one, if it was given, or K is
 *     small enough to compare every two
 * @param norms of the codes
 * @param drift the mean distance of a code from where it was in the view before, of those that are
 *     finite in both; NaN if none is, empty in the first
 * @param images what a decoder makes of each code, if there is one
 */
@SuppressWarnings("ArrayRecordComponent") // large; handed over, never compared
public record CodebookView(
    int width,
    float[] values,
    float[] points,
    double explained,
    Optional<Distribution> spacing,
    Distribution norms,
    OptionalDouble drift,
    Optional<CodeImages> images) {
  /**
   * Checks that the arrays fit each other, and takes them as they are.
   *
   * @param width D, at least 1
   * @param values {@code [K, D]}
   * @param points {@code [K, 2]}
   * @param explained from 0 to 1
   * @param spacing of the codes
   * @param norms of the codes
   * @param drift since the view before
   * @param images of the codes
   * @throws IllegalArgumentException if the sizes do not match
   */
  public CodebookView {
    Check.atLeast("width", 1, width);
    if (values.length % width != 0 || values.length / width * 2 != points.length) {
      throw new IllegalArgumentException(
          "points must have 2 numbers for each of the "
              + values.length
              + " / "
              + width
              + " codes, got "
              + points.length);
    }
    Objects.requireNonNull(spacing, "spacing");
    Objects.requireNonNull(norms, "norms");
    Objects.requireNonNull(drift, "drift");
    Objects.requireNonNull(images, "images");
  }
}
