/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;

/** Numbers into the types of NumPy, and out of them: as they are or not at all. */
class NumpyArrayTest {
  private static final Shape ONE = Shape.of(1);

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @ParameterizedTest
  @EnumSource(
      value = NumpyType.class,
      names = {"FLOAT.*"},
      mode = EnumSource.Mode.MATCH_NONE)
  void wholeTypesHoldTheirRangeAndNoMore(NumpyType type) {
    long[] ends = {type.least(), type.most()};
    assertArrayEquals(ends, NumpyArray.of(type, Shape.of(2), ends).longs());
    String range = "array must have whole numbers from " + ends[0] + " to " + ends[1] + ", got ";
    if (type.bytes() < Long.BYTES) {
      refused(range + (type.most() + 1), () -> NumpyArray.of(type, ONE, type.most() + 1).longs());
    }
    if (type != NumpyType.INT64) {
      refused(range + (type.least() - 1), () -> NumpyArray.of(type, ONE, type.least() - 1));
    }
    refused(range + "0.5", () -> NumpyArray.of(type, ONE, 0.5));
    refused(range + "NaN", () -> NumpyArray.of(type, ONE, Float.NaN));
    refused(range + "9.223372E18", () -> NumpyArray.of(type, ONE, 0x1p63));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16, 2048", "FLOAT32, 16777216", "FLOAT64, 9007199254740992"})
  void wholeNumbersInFloatsAreExactOrRefused(NumpyType type, long last) {
    assertArrayEquals(new long[] {last}, NumpyArray.of(type, ONE, last).longs());
    assertArrayEquals(new long[] {-2 * last}, NumpyArray.of(type, ONE, -2 * last).longs());
    refused(
        "array must have whole numbers that a " + type + " holds, got " + (last + 1),
        () -> NumpyArray.of(type, ONE, last + 1));
  }

  @Test
  void floatsTakeTheNearestButNothingBeyondThem() {
    assertEquals(0.1f, NumpyArray.of(NumpyType.FLOAT64, ONE, 0.1).floats()[0]);
    assertEquals(0.1f, NumpyArray.of(NumpyType.FLOAT32, ONE, 0.1).floats()[0]);
    assertEquals(0x1.998p-4f, NumpyArray.of(NumpyType.FLOAT16, ONE, 0.1f).floats()[0]);
    double[] others = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0};
    for (NumpyType type : new NumpyType[] {NumpyType.FLOAT16, NumpyType.FLOAT32}) {
      assertArrayEquals(others, NumpyArray.of(type, Shape.of(4), others).doubles());
    }
    refused(
        "array must have numbers that a float16 holds, got 65520.0",
        () -> NumpyArray.of(NumpyType.FLOAT16, ONE, 65520f));
    refused(
        "array must have numbers that a float32 holds, got 1.0E39",
        () -> NumpyArray.of(NumpyType.FLOAT32, ONE, 1e39));
    refused(
        "array must have numbers that a float32 holds, got 1.0E39",
        () -> NumpyArray.of(NumpyType.FLOAT64, ONE, 1e39).floats());
  }

  @ParameterizedTest
  @CsvSource({
    "16777217, float32",
    "-16777217, float32",
    "9223372036854775807, float32",
    "-9223372036854775807, float32"
  })
  void whatAFloatDoesNotHoldIsNotRounded(long value, String holder) {
    refused(
        "array must have whole numbers that a " + holder + " holds, got " + value,
        () -> NumpyArray.of(NumpyType.INT64, ONE, value).floats());
    assertEquals(-0x1p63f, NumpyArray.of(NumpyType.INT64, ONE, Long.MIN_VALUE).floats()[0]);
  }

  @Test
  void rangesOfTheCallerHold() {
    NumpyArray array = NumpyArray.of(NumpyType.FLOAT32, Shape.of(2), 0f, 256f);
    assertArrayEquals(new long[] {0, 256}, array.longs(0, 256));
    refused("array must have whole numbers from 0 to 255, got 256", () -> array.longs(0, 255));
  }

  @Test
  void bigNumbersWithoutASignAreNotNegative() {
    NumpyArray array =
        new NumpyArray("a", NumpyType.UINT64, ONE, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
    refused(
        "a must have whole numbers from -9223372036854775808 to 9223372036854775807, got"
            + " 18446744073709551615",
        array::longs);
    refused(
        "a must have whole numbers that a float64 holds, got 18446744073709551615", array::doubles);
  }

  @ParameterizedTest
  @CsvSource({
    "0, uint8",
    "255, uint8",
    "256, uint16",
    "65535, uint16",
    "65536, uint32",
    "4294967295, uint32",
    "4294967296, uint64"
  })
  void theSmallestTypeHoldsTheLargestIndex(long most, String type) {
    assertEquals(type, NumpyType.smallestFor(most).toString());
    assertArrayEquals(
        new long[] {most}, NumpyArray.of(NumpyType.smallestFor(most), ONE, most).longs());
  }

  @Test
  void whatDoesNotFitTheShapeIsRefused() {
    refused("most must be at least 0, got -1", () -> NumpyType.smallestFor(-1));
    refused(
        "shape must be of the 1 numbers given, got [2]",
        () -> NumpyArray.of(NumpyType.UINT8, Shape.of(2), 1));
    refused(
        "shape must be of the 1 numbers given, got [-1]",
        () -> NumpyArray.of(NumpyType.UINT8, Shape.of(-1), 1));
  }
}
