/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

/** What is measured must be right: compared once, in double, before its time is taken. */
final class BruteForce {
  /** So many of the vectors are looked up. */
  private static final int CHECKED = 256;

  private static final double TOLERANCE = 1e-4;

  private BruteForce() {}

  /**
   * The squared distance of each of the first vectors to its code is the least, within rounding.
   */
  static void checkNearest(String name, float[] vectors, float[] codes, int width, int[] indices) {
    int size = codes.length / width;
    for (int n = 0; n < Math.min(vectors.length / width, CHECKED); n++) {
      double best = Double.POSITIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        best = Math.min(best, squared(vectors, n, codes, k, width));
      }
      double chosen = squared(vectors, n, codes, indices[n], width);
      check(name + ", squared distance of vector " + n, best, chosen, best);
    }
  }

  private static double squared(float[] vectors, int n, float[] codes, int k, int width) {
    double sum = 0;
    for (int d = 0; d < width; d++) {
      double difference = (double) vectors[n * width + d] - codes[k * width + d];
      sum += difference * difference;
    }
    return sum;
  }

  /** What two ways to compute it say, {@code scale} being how large it may be. */
  static void check(String name, double expected, double actual, double scale) {
    if (!(Math.abs(actual - expected) <= TOLERANCE * scale)) {
      throw new IllegalStateException(name + " must be " + expected + ", got " + actual);
    }
  }
}
