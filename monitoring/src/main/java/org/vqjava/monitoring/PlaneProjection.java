/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import java.util.Random;

/**
 * The plane of the first two principal components of a codebook, from one codebook to the next.
 *
 * <p>Each plane is found by orthogonal iteration that begins with the plane before, so a codebook
 * that moves a little moves its plane a little, even where components are equally strong. Within
 * the plane the axes of a principal component analysis have no sign, and change places when their
 * strengths cross. So the axes are turned, or mirrored, to lie as close to those before as can be:
 * B = V·R with the orthogonal R that minimizes ‖V·R − B'‖, the solution of Procrustes' problem.
 *
 * @see <a href="https://doi.org/10.1007/BF02289451">Schönemann 1966: a generalized solution of the
 *     orthogonal Procrustes problem</a>
 */
final class PlaneProjection {
  private static final int FIRST_ROUNDS = 40;

  /** Few, as the plane before is near: what a codebook moves from view to view. */
  private static final int ROUNDS = 4;

  private static final double NUDGE = 1e-3;
  private static final long SEED = 7;

  private double[][] axes = {}; // none, or two of length D

  /** Points {@code [K, 2]} about the mean, and the part of the variance that they have. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Plane(float[] points, double explained) {}

  /** A code that is not finite lies nowhere: its point is NaN, and the plane is of the others. */
  Plane project(float[] codebook, int width) {
    boolean[] finite = finiteCodes(codebook, width);
    int codes = 0;
    float[] kept = new float[codebook.length];
    for (int k = 0; k < finite.length; k++) {
      if (finite[k]) {
        System.arraycopy(codebook, k * width, kept, width * codes++, width);
      }
    }
    if (codes == finite.length) {
      return projectFinite(codebook, width);
    }
    float[] points = new float[2 * finite.length];
    Arrays.fill(points, Float.NaN);
    if (codes == 0) {
      return new Plane(points, 0);
    }
    Plane some = projectFinite(Arrays.copyOf(kept, codes * width), width);
    int next = 0;
    for (int k = 0; k < finite.length; k++) {
      if (finite[k]) {
        points[2 * k] = some.points()[next++];
        points[2 * k + 1] = some.points()[next++];
      }
    }
    return new Plane(points, some.explained());
  }

  /** Which codes have finite numbers alone. */
  static boolean[] finiteCodes(float[] codebook, int width) {
    boolean[] finite = new boolean[codebook.length / width];
    Arrays.fill(finite, true);
    for (int i = 0; i < codebook.length; i++) {
      finite[i / width] &= Float.isFinite(codebook[i]);
    }
    return finite;
  }

  private Plane projectFinite(float[] codebook, int width) {
    double[] centred = centred(codebook, width);
    boolean first = axes.length == 0 || axes[0].length != width;
    double[][] before = first ? start(width) : axes;
    double[] v = nudged(before[0], SEED);
    double[] w = nudged(before[1], SEED + 1);
    for (int round = 0; round < (first ? FIRST_ROUNDS : ROUNDS); round++) {
      double[] nextV = multiply(centred, width, v);
      if (norm(nextV) == 0) {
        break; // all codes are one: every plane shows that
      }
      double[] nextW = multiply(centred, width, w);
      orthonormalize(nextV, nextW);
      v = nextV;
      w = nextW;
    }
    axes = first ? new double[][] {v, w} : turned(v, w, before);
    return points(centred, width);
  }

  /**
   * The polar factor of the 2 × 2 matrix VᵀB' has a closed form: the matrix plus or minus its
   * cofactor, as its determinant is, scaled.
   */
  private static double[][] turned(double[] v, double[] w, double[][] before) {
    double a = dot(v, before[0]);
    double b = dot(v, before[1]);
    double c = dot(w, before[0]);
    double d = dot(w, before[1]);
    double sign = a * d - b * c < 0 ? -1 : 1;
    double p = a + sign * d;
    double q = b - sign * c;
    double length = Math.hypot(p, q);
    if (length < 1e-9) { // no plane near the one before: any turn is as good
      return new double[][] {v, w};
    }
    double[][] turned = new double[2][v.length];
    for (int i = 0; i < v.length; i++) {
      turned[0][i] = (p * v[i] - sign * q * w[i]) / length;
      turned[1][i] = (q * v[i] + sign * p * w[i]) / length;
    }
    return turned;
  }

  private Plane points(double[] centred, int width) {
    int codes = centred.length / width;
    float[] points = new float[2 * codes];
    double shown = 0;
    double all = 0;
    for (int k = 0; k < codes; k++) {
      double x = 0;
      double y = 0;
      for (int i = 0; i < width; i++) {
        double value = centred[k * width + i];
        x += value * axes[0][i];
        y += value * axes[1][i];
        all += value * value;
      }
      shown += x * x + y * y;
      points[2 * k] = (float) x;
      points[2 * k + 1] = (float) y;
    }
    return new Plane(points, all == 0 ? 1 : Math.min(1, shown / all));
  }

  /** An axis at right angles to all that a codebook has would never find it again. */
  private static double[] nudged(double[] axis, long seed) {
    double[] nudged = random(axis.length, seed);
    for (int i = 0; i < axis.length; i++) {
      nudged[i] = axis[i] + NUDGE * nudged[i];
    }
    return nudged;
  }

  private static double[][] start(int width) {
    double[][] start = {random(width, SEED), random(width, SEED + 1)};
    orthonormalize(start[0], start[1]);
    return start;
  }

  private static double[] centred(float[] codebook, int width) {
    int codes = codebook.length / width;
    double[] mean = new double[width];
    for (int i = 0; i < codebook.length; i++) {
      mean[i % width] += codebook[i];
    }
    double[] centred = new double[codebook.length];
    for (int i = 0; i < codebook.length; i++) {
      centred[i] = codebook[i] - mean[i % width] / codes;
    }
    return centred;
  }

  /** XᵀXv. */
  private static double[] multiply(double[] centred, int width, double[] v) {
    double[] product = new double[width];
    for (int from = 0; from < centred.length; from += width) {
      double along = 0;
      for (int i = 0; i < width; i++) {
        along += centred[from + i] * v[i];
      }
      for (int i = 0; i < width; i++) {
        product[i] += along * centred[from + i];
      }
    }
    return product;
  }

  /**
   * Gram and Schmidt's. Where there is one direction only, the second vector is any that is at
   * right angles to it; of one dimension it is 0.
   */
  private static void orthonormalize(double[] v, double[] w) {
    scale(v, norm(v));
    if (!removeAlong(v, w)) {
      System.arraycopy(random(w.length, SEED + 1), 0, w, 0, w.length);
      if (!removeAlong(v, w)) {
        scale(w, 0);
      }
    }
  }

  /** Leaves of w what is at right angles to v, of length 1; or tells that nothing is left. */
  private static boolean removeAlong(double[] v, double[] w) {
    double size = norm(w);
    double along = dot(v, w);
    for (int i = 0; i < w.length; i++) {
      w[i] -= along * v[i];
    }
    double left = norm(w);
    scale(w, left);
    return left > 1e-9 * size;
  }

  private static void scale(double[] v, double norm) {
    for (int i = 0; i < v.length; i++) {
      v[i] = norm == 0 ? 0 : v[i] / norm;
    }
  }

  private static double norm(double[] v) {
    return Math.sqrt(dot(v, v));
  }

  private static double dot(double[] v, double[] w) {
    double sum = 0;
    for (int i = 0; i < v.length; i++) {
      sum += v[i] * w[i];
    }
    return sum;
  }

  private static double[] random(int width, long seed) {
    Random random = new Random(seed);
    double[] v = new double[width];
    for (int i = 0; i < width; i++) {
      v[i] = random.nextGaussian();
    }
    return v;
  }
}
