/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Arrays;
import java.util.Random;

/** Distances by brute force in float64, written independently of the operations. */
final class Oracle {
  private Oracle() {}

  static double norm(double[] v, Norm norm) {
    double result = 0;
    for (double c : v) {
      result =
          switch (norm) {
            case L1 -> result + Math.abs(c);
            case L2 -> Math.hypot(result, c);
            case LINF -> Math.max(result, Math.abs(c));
          };
    }
    return result;
  }

  static double distance(double[] a, double[] b, Norm norm) {
    double[] difference = new double[a.length];
    for (int d = 0; d < a.length; d++) {
      difference[d] = a[d] - b[d];
    }
    return norm(difference, norm);
  }

  static int nearest(double[] x, double[][] codes, Norm norm) {
    int best = 0;
    for (int k = 1; k < codes.length; k++) {
      if (distance(x, codes[k], norm) < distance(x, codes[best], norm)) {
        best = k;
      }
    }
    return best;
  }

  /** Values that a float32 holds exactly, so that both types see the same data. */
  static double[][] random(long seed, int rows, int columns) {
    Random random = new Random(seed);
    double[][] matrix = new double[rows][columns];
    for (double[] row : matrix) {
      for (int d = 0; d < columns; d++) {
        row[d] = (float) random.nextGaussian();
      }
    }
    return matrix;
  }

  static double[] flat(double[][] matrix) {
    return Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray();
  }
}
