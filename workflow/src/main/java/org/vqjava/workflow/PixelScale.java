/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

/**
 * Which numbers of a file become 0 and 1.
 *
 * @param low becomes 0
 * @param high becomes 1
 */
record PixelScale(double low, double high) {
  /** Numbers that are from 0 to 1 as they are. */
  static final PixelScale NONE = new PixelScale(0, 1);

  static final PixelScale BYTES = new PixelScale(0, 255);
  static final PixelScale SHORTS = new PixelScale(0, 65_535);
  private static final PixelScale SIGNED = new PixelScale(-1, 1);

  /**
   * The first of 0 .. 1, 0 .. 255, −1 .. 1 and 0 .. 65,535 that the numbers are in, in that order;
   * where there is none, their least and largest.
   */
  static PixelScale of(float[] numbers) {
    float least = 0;
    float most = 0;
    for (int i = 0; i < numbers.length; i++) {
      least = i == 0 ? numbers[i] : Math.min(least, numbers[i]);
      most = i == 0 ? numbers[i] : Math.max(most, numbers[i]);
    }
    for (PixelScale usual : new PixelScale[] {NONE, BYTES, SIGNED, SHORTS}) {
      if (least >= usual.low && most <= usual.high) {
        return usual;
      }
    }
    return new PixelScale(least, most);
  }

  /** Of numbers that are all alike, 0 for each. */
  float[] scaled(float[] numbers) {
    if (equals(NONE)) {
      return numbers;
    }
    float[] scaled = new float[numbers.length];
    float from = (float) low;
    float range = (float) (high - low);
    for (int i = 0; i < numbers.length; i++) {
      scaled[i] = range == 0 ? 0 : (numbers[i] - from) / range;
    }
    return scaled;
  }

  @Override
  public String toString() {
    return number(low) + " to " + number(high);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Float.toString((float) value);
  }
}
