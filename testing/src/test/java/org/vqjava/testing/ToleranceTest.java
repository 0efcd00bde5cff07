/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToleranceTest {
  @ParameterizedTest
  @CsvSource({
    // absolute, relative, actual, expected, agree
    "0.25, 0,    1.25,      1,         true",
    "0.25, 0,    1.26,      1,         false",
    "0.25, 0,    0.75,      1,         true",
    "0,    0.25, 5,         4,         true",
    "0,    0.25, 5.1,       4,         false",
    "0,    0.25, 4,         5.1,       true",
    "0,    0.25, -5,        -4,        true",
    "0.5,  0.25, 5.5,       4,         true",
    "0.5,  0.25, 5.6,       4,         false",
    "0,    0,    -0.0,      0.0,       true",
    "9,    9,    NaN,       NaN,       true",
    "9,    9,    NaN,       1,         false",
    "9,    9,    1,         NaN,       false",
    "9,    9,    Infinity,  Infinity,  true",
    "9,    9,    1e308,     Infinity,  false",
    "9,    9,    Infinity,  1e308,     false",
    "9,    9,    -Infinity, Infinity,  false"
  })
  void agreesWithinTheAbsoluteAndTheRelativePartOfTheExpectedValue(
      double absolute, double relative, double actual, double expected, boolean agree) {
    assertEquals(agree, new Tolerance(absolute, relative).agrees(actual, expected));
  }

  @Test
  void namesTheWorstPlace() {
    refused(
        "x: 2 of 4 values differ, most of all [3]: 6.0 instead of 4.0",
        new double[] {1, 2.5, 3, 6},
        new double[] {1, 2, 3, 4});
    refused(
        "x: 3 of 3 values differ, most of all [1]: NaN instead of 2.0",
        new double[] {9, Double.NaN, 99},
        new double[] {1, 2, 3});
    refused(
        "x: 2 of 2 values differ, most of all [0]: 1.0 instead of NaN",
        new double[] {1, 2},
        new double[] {Double.NaN, 3});
  }

  @Test
  void comparesNothingOfDifferentLength() {
    refused("x: 1 values instead of 2", new double[1], new double[2]);
    refused("x: 0 values instead of 1", new double[0], new double[1]);
  }

  @Test
  void passesWhatAgrees() {
    Tolerance.EXACT.check("x", new double[] {1, Double.NaN}, new double[] {1, Double.NaN});
    Tolerance.EXACT.check("x", new double[0], new double[0]);
    new Tolerance(0.5, 0).check("x", new double[] {1.5}, new double[] {1});
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void mustBeFiniteAndNotNegative(double value) {
    assertEquals(
        "absolute must be finite and at least 0, got " + value,
        assertThrows(IllegalArgumentException.class, () -> new Tolerance(value, 0)).getMessage());
    assertEquals(
        "relative must be finite and at least 0, got " + value,
        assertThrows(IllegalArgumentException.class, () -> new Tolerance(0, value)).getMessage());
  }

  private static void refused(String message, double[] actual, double[] expected) {
    assertEquals(
        message,
        assertThrows(AssertionError.class, () -> Tolerance.EXACT.check("x", actual, expected))
            .getMessage());
  }
}
