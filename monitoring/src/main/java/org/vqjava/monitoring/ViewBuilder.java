/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Makes views of one codebook, each with an eye on the one before. */
final class ViewBuilder {
  /** Comparing every two codes takes K² · D / 2 multiplications: 130 million at width 64. */
  private static final int MOST_COMPARED = 2048;

  private static final int BINS = 40;

  private final PlaneProjection plane = new PlaneProjection();
  private float @Nullable [] before;

  CodebookView build(
      float[] values, int width, float @Nullable [] closest, @Nullable CodeImages images) {
    int codes = values.length / width;
    float[] spacing =
        closest != null ? closest : codes <= MOST_COMPARED ? closest(values, width) : null;
    PlaneProjection.Plane points = plane.project(values, width);
    OptionalDouble drift = drift(values, width);
    before = values;
    return new CodebookView(
        width,
        values,
        points.points(),
        points.explained(),
        Optional.ofNullable(spacing).map(s -> Distribution.of(s, BINS)),
        Distribution.of(norms(values, width), BINS),
        drift,
        Optional.ofNullable(images));
  }

  /**
   * How far each code is from the closest other one that is finite; 0 for one alone, NaN for one
   * that is not finite.
   */
  private static float[] closest(float[] values, int width) {
    int codes = values.length / width;
    double[] squares = new double[codes];
    Arrays.fill(squares, Double.POSITIVE_INFINITY);
    for (int j = 0; j < codes; j++) {
      for (int k = j + 1; k < codes; k++) {
        double square = square(values, j * width, values, k * width, width);
        if (square < squares[j]) { // so that a NaN is nobody's closest
          squares[j] = square;
        }
        if (square < squares[k]) {
          squares[k] = square;
        }
      }
    }
    boolean[] finite = PlaneProjection.finiteCodes(values, width);
    float[] distances = new float[codes];
    for (int k = 0; k < codes; k++) {
      boolean alone = squares[k] == Double.POSITIVE_INFINITY;
      distances[k] = !finite[k] ? Float.NaN : alone ? 0 : (float) Math.sqrt(squares[k]);
    }
    return distances;
  }

  /** Over the codes that are finite in both; NaN if none is. */
  private OptionalDouble drift(float[] values, int width) {
    float[] then = before;
    if (then == null || then.length != values.length) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    int moved = 0;
    for (int from = 0; from < values.length; from += width) {
      double square = square(values, from, then, from, width);
      if (Double.isFinite(square)) {
        sum += Math.sqrt(square);
        moved++;
      }
    }
    return OptionalDouble.of(sum / moved);
  }

  private static float[] norms(float[] values, int width) {
    float[] norms = new float[values.length / width];
    float[] zero = new float[width];
    for (int k = 0; k < norms.length; k++) {
      norms[k] = (float) Math.sqrt(square(values, k * width, zero, 0, width));
    }
    return norms;
  }

  private static double square(float[] a, int fromA, float[] b, int fromB, int width) {
    double sum = 0;
    for (int i = 0; i < width; i++) {
      double difference = (double) a[fromA + i] - b[fromB + i];
      sum += difference * difference;
    }
    return sum;
  }
}
