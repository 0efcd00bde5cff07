/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.stream.IntStream;

/** What is measured must be right: compared once, in double, before its time is taken. */
final class BruteForce {
  /** So many of the vectors are looked up. */
  private static final int CHECKED = 256;

  private static final double TOLERANCE = 1e-4;

  private BruteForce() {}

  /** How far a vector is from a code. */
  enum Distance {
    SQUARED,
    L1,
    LINF,
    COSINE;

    double between(float[] vectors, int n, float[] codes, int k, int width) {
      double distance = 0;
      double product = 0;
      double ofVector = 0;
      double ofCode = 0;
      for (int d = 0; d < width; d++) {
        double x = vectors[n * width + d];
        double e = codes[k * width + d];
        switch (this) {
          case SQUARED -> distance += (x - e) * (x - e);
          case L1 -> distance += Math.abs(x - e);
          case LINF -> distance = Math.max(distance, Math.abs(x - e));
          case COSINE -> {
            product += x * e;
            ofVector += x * x;
            ofCode += e * e;
          }
        }
      }
      return this == COSINE ? 1 - product / Math.sqrt(ofVector * ofCode) : distance;
    }
  }

  static void checkNearest(String name, float[] vectors, float[] codes, int width, int[] indices) {
    checkNearest(name, Distance.SQUARED, vectors, codes, width, indices, 1);
  }

  /**
   * The codes of each of the first vectors are as near as the nearest ones, within rounding.
   *
   * @param many how many indices a vector has, the nearest first
   */
  static void checkNearest(
      String name,
      Distance distance,
      float[] vectors,
      float[] codes,
      int width,
      int[] indices,
      int many) {
    int size = codes.length / width;
    for (int i = 0; i < Math.min(vectors.length / width, CHECKED); i++) {
      int n = i;
      double[] ascending =
          IntStream.range(0, size)
              .mapToDouble(k -> distance.between(vectors, n, codes, k, width))
              .sorted()
              .toArray();
      for (int j = 0; j < many; j++) {
        double chosen = distance.between(vectors, n, codes, indices[n * many + j], width);
        check(name + ", distance of vector " + n, ascending[j], chosen, 1 + ascending[j]);
      }
    }
  }

  /** What two ways to compute it say, {@code scale} being how large it may be. */
  static void check(String name, double expected, double actual, double scale) {
    if (!(Math.abs(actual - expected) <= TOLERANCE * scale)) {
      throw new IllegalStateException(name + " must be " + expected + ", got " + actual);
    }
  }
}
