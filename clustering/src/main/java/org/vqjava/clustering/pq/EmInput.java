/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

/** Blocks and their importance, as the EM algorithm takes them. */
final class EmInput {
  private EmInput() {}

  static double rootMeanSquare(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum == 0 ? 1 : Math.sqrt(sum / values.length);
  }

  static void checkBlocks(float[] blocks, int width) {
    if (width < 1 || blocks.length == 0 || blocks.length % width != 0) {
      throw new IllegalArgumentException(
          "blocks must be one or more of width " + width + ", got " + blocks.length + " numbers");
    }
    for (float value : blocks) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("blocks must be finite, got " + value);
      }
    }
  }

  static void checkImportance(float[] importance, int count) {
    if (importance.length != count) {
      throw new IllegalArgumentException(
          "importance must be of each of the " + count + " blocks, got " + importance.length);
    }
    for (float value : importance) {
      if (!(value >= 0 && value < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "importance must be at least 0 and finite, got " + value);
      }
    }
  }
}
