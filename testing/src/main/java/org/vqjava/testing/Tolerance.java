/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.util.Locale;

/**
 * Two values agree when |actual − expected| ≤ absolute + relative · |expected|; NaN agrees with NaN
 * alone, an infinity with itself alone.
 *
 * @param absolute what two values may always differ by
 * @param relative what they may differ by beyond that, as a part of the expected value
 */
public record Tolerance(double absolute, double relative) {
  /** Nothing but the same value. */
  public static final Tolerance EXACT = new Tolerance(0, 0);

  /**
   * Refuses a tolerance within which anything would agree.
   *
   * @param absolute what two values may always differ by, finite and at least 0
   * @param relative what they may differ by beyond that, finite and at least 0
   * @throws IllegalArgumentException if one is out of range
   */
  public Tolerance {
    require("absolute", absolute);
    require("relative", relative);
  }

  private static void require(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be finite and at least 0, got " + value);
    }
  }

  /**
   * Whether two values agree.
   *
   * @param actual the value that was computed
   * @param expected the value that it is held against
   * @return true if they agree
   */
  public boolean agrees(double actual, double expected) {
    if (Double.compare(actual, expected) == 0) {
      return true;
    }
    return Double.isFinite(actual)
        && Double.isFinite(expected)
        && Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
  }

  /**
   * Compares two flat tensors.
   *
   * @param what what is compared, for the message
   * @param actual the values that were computed, row-major
   * @param expected the values that they are held against, row-major
   * @throws AssertionError with the worst place
   */
  public void check(String what, double[] actual, double[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          what + ": " + actual.length + " values instead of " + expected.length);
    }
    int wrong = 0;
    int worst = -1;
    for (int i = 0; i < actual.length; i++) {
      if (!agrees(actual[i], expected[i])) {
        wrong++;
        // By Double.compare a NaN is the worst of all.
        if (worst < 0
            || Double.compare(
                    Math.abs(actual[i] - expected[i]), Math.abs(actual[worst] - expected[worst]))
                > 0) {
          worst = i;
        }
      }
    }
    if (wrong > 0) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: %d of %d values differ, most of all [%d]: %s instead of %s",
              what,
              wrong,
              actual.length,
              worst,
              actual[worst],
              expected[worst]));
    }
  }
}
