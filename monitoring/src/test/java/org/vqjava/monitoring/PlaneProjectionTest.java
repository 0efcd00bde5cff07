/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.monitoring.PlaneProjection.Plane;

class PlaneProjectionTest {
  /** Codes about the axes, stretched so that the components differ. */
  private static float[] codebook(Random random, int codes, double... deviations) {
    int width = deviations.length;
    float[] values = new float[codes * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (5 + deviations[i % width] * random.nextGaussian());
    }
    return values;
  }

  /** Jacobi's rotations on the covariance: another way to the same eigenvalues. */
  private static double[] eigenvalues(float[] codebook, int width) {
    int codes = codebook.length / width;
    double[][] a = new double[width][width];
    double[] mean = new double[width];
    for (int i = 0; i < codebook.length; i++) {
      mean[i % width] += (double) codebook[i] / codes;
    }
    for (int k = 0; k < codes; k++) {
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          a[i][j] += (codebook[k * width + i] - mean[i]) * (codebook[k * width + j] - mean[j]);
        }
      }
    }
    for (int sweep = 0; sweep < 60; sweep++) {
      for (int p = 0; p < width; p++) {
        for (int q = p + 1; q < width; q++) {
          double angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
          double c = Math.cos(angle);
          double s = Math.sin(angle);
          for (int i = 0; i < width; i++) {
            double x = a[i][p];
            double y = a[i][q];
            a[i][p] = c * x - s * y;
            a[i][q] = s * x + c * y;
          }
          for (int i = 0; i < width; i++) {
            double x = a[p][i];
            double y = a[q][i];
            a[p][i] = c * x - s * y;
            a[q][i] = s * x + c * y;
          }
        }
      }
    }
    double[] values = new double[width];
    for (int i = 0; i < width; i++) {
      values[i] = a[i][i];
    }
    Arrays.sort(values);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 20})
  void thePlaneHoldsTheTwoLargestVariances(int width) {
    Random random = new Random(width);
    double[] deviations = new double[width];
    for (int i = 0; i < width; i++) {
      deviations[i] = 4 * Math.pow(0.6, i);
    }
    float[] codebook = codebook(random, 200, deviations);
    Plane plane = new PlaneProjection().project(codebook, width);
    double[] eigenvalues = eigenvalues(codebook, width);
    double all = 0;
    for (double value : eigenvalues) {
      all += value;
    }
    double shown = (eigenvalues[width - 1] + eigenvalues[width - 2]) / all;
    assertEquals(shown, plane.explained(), 1e-6);
    double x = 0;
    double y = 0;
    double xx = 0;
    double yy = 0;
    for (int k = 0; k < 200; k++) {
      x += plane.points()[2 * k];
      y += plane.points()[2 * k + 1];
      xx += Math.pow(plane.points()[2 * k], 2);
      yy += Math.pow(plane.points()[2 * k + 1], 2);
    }
    assertEquals(0, x / 200, 1e-5);
    assertEquals(0, y / 200, 1e-5);
    assertEquals(eigenvalues[width - 1] + eigenvalues[width - 2], xx + yy, 1e-3 * (xx + yy));
  }

  /**
   * A codebook that moves by a hundredth at a time while its strongest directions change places:
   * with the components themselves, the points would turn by 90 degrees where they do.
   */
  @Test
  void pointsMoveAsLittleAsTheCodesDo() {
    Random random = new Random(3);
    int codes = 100;
    float[] shape = codebook(random, codes, 1, 1, 0.3, 0.1);
    PlaneProjection projection = new PlaneProjection();
    float[] before = new float[0];
    float[] now = new float[shape.length];
    for (int t = 0; t <= 200; t++) {
      double first = 1.5 - t / 200.0;
      for (int i = 0; i < shape.length; i++) {
        double stretch = i % 4 == 0 ? first : i % 4 == 1 ? 2 - first : 1;
        now[i] = (float) ((shape[i] - 5) * stretch);
      }
      float[] points = projection.project(now, 4).points();
      for (int i = 0; i < before.length; i++) {
        assertEquals(before[i], points[i], 0.05, "at " + t);
      }
      before = points;
    }
  }

  @Test
  void aMirroredStartIsNotMirroredBack() {
    float[] codebook = codebook(new Random(4), 50, 2, 1, 0.2);
    PlaneProjection projection = new PlaneProjection();
    float[] first = projection.project(codebook, 3).points();
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(first, projection.project(codebook, 3).points(), 1e-4f);
    }
  }

  @Test
  void whatHasNoPlaneHasPointsNevertheless() {
    PlaneProjection projection = new PlaneProjection();
    Plane one = projection.project(new float[] {3, 3, 3, 3}, 2);
    assertArrayEquals(new float[4], one.points());
    assertEquals(1, one.explained());
    Plane line = projection.project(new float[] {0, 0, 1, 1, 2, 2}, 2);
    assertEquals(1, line.explained(), 1e-6);
    assertEquals(0, new PlaneProjection().project(new float[] {1, 2, 4}, 1).points()[1]);
    Plane broken = projection.project(new float[] {0, Float.NaN, 1, 1}, 2);
    assertArrayEquals(new float[] {Float.NaN, Float.NaN, 0, 0}, broken.points());
    assertEquals(1, broken.explained(), "a code alone has no variance");
    Plane none = projection.project(new float[] {0, Float.NaN, Float.NEGATIVE_INFINITY, 1}, 2);
    assertArrayEquals(new float[] {Float.NaN, Float.NaN, Float.NaN, Float.NaN}, none.points());
    assertEquals(0, none.explained());
    assertTrue(projection.project(new float[] {0, 0, 1, 1, 2, 3}, 2).explained() > 0.99);
    assertEquals(6, projection.project(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 1}, 3).points().length);
  }

  /** One code that became NaN takes nothing from where the others are. */
  @Test
  void codesThatAreNotFiniteLeaveThePlaneOfTheOthers() {
    float[] codebook = codebook(new Random(4), 20, 3, 2, 1);
    float[] expected = new PlaneProjection().project(codebook, 3).points();
    float[] broken = new float[codebook.length + 6];
    System.arraycopy(codebook, 0, broken, 3, codebook.length);
    broken[1] = Float.NaN;
    broken[broken.length - 1] = Float.POSITIVE_INFINITY;
    float[] points = new PlaneProjection().project(broken, 3).points();
    assertArrayEquals(expected, Arrays.copyOfRange(points, 2, points.length - 2));
    for (int i : new int[] {0, 1, points.length - 2, points.length - 1}) {
      assertTrue(Float.isNaN(points[i]));
    }
  }

  /** Nothing of a plane at right angles is near the one before; the new one is taken as it is. */
  @Test
  void aPlaneAtRightAnglesIsTaken() {
    PlaneProjection projection = new PlaneProjection();
    float[] first = codebook(new Random(5), 60, 1, 1, 0, 0);
    float[] second = codebook(new Random(6), 60, 0, 0, 1, 1);
    projection.project(first, 4);
    assertTrue(projection.project(second, 4).explained() <= 1);
    assertEquals(1, projection.project(second, 4).explained(), 1e-6);
  }
}
