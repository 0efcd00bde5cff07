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

  /** How far each code is from the closest other one; 0 for one alone. */
  private static float[] closest(float[] values, int width) {
    int codes = values.length / width;
    double[] squares = new double[codes];
    Arrays.fill(squares, codes == 1 ? 0 : Double.POSITIVE_INFINITY);
    for (int j = 0; j < codes; j++) {
      for (int k = j + 1; k < codes; k++) {
        double square = square(values, j * width, values, k * width, width);
        squares[j] = Math.min(squares[j], square);
        squares[k] = Math.min(squares[k], square);
      }
    }
    float[] distances = new float[codes];
    for (int k = 0; k < codes; k++) {
      distances[k] = (float) Math.sqrt(squares[k]);
    }
    return distances;
  }

  private OptionalDouble drift(float[] values, int width) {
    float[] then = before;
    if (then == null || then.length != values.length) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    for (int from = 0; from < values.length; from += width) {
      sum += Math.sqrt(square(values, from, then, from, width));
    }
    return OptionalDouble.of(sum * width / values.length);
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
