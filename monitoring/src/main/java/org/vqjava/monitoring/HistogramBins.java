/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import java.util.Objects;

/**
 * A histogram: counts between ascending edges.
 *
 * <p>Bin {@code i} reaches from {@code edges[i]} (included) to {@code edges[i + 1]} (not included;
 * the last bin includes it). Counts may be fractions, as moving averages of access counts are.
 * Immutable: arrays are copied in and out, and two histograms are equal if their numbers are.
 *
 * <pre>{@code
 * HistogramBins.of(new double[] {0, 1, 1, 2, 4}, 2); // edges [0, 2, 4], counts [3, 2]
 * new HistogramBins(new double[] {0, 1, 10}, new double[] {7, 0.5}); // edges of one's own
 * }</pre>
 *
 * @param edges borders of the bins, shape {@code [bins + 1]}: finite, each above the one before
 * @param counts what lies in each bin, shape {@code [bins]}: finite, at least 0
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record HistogramBins(double[] edges, double[] counts) {

  /**
   * Checks and copies the arrays.
   *
   * @param edges borders of the bins, shape {@code [bins + 1]}: finite, each above the one before
   * @param counts what lies in each bin, shape {@code [bins]}: finite, at least 0
   * @throws IllegalArgumentException if there is no bin, the sizes do not match, an edge is not
   *     above the one before it, a count is negative, or a number is not finite
   */
  public HistogramBins {
    Objects.requireNonNull(edges, "edges");
    Objects.requireNonNull(counts, "counts");
    edges = edges.clone();
    counts = counts.clone();
    if (edges.length < 2) {
      throw new IllegalArgumentException("edges must have at least 2 values, got " + edges.length);
    }
    if (counts.length != edges.length - 1) {
      throw new IllegalArgumentException(
          "counts must have "
              + (edges.length - 1)
              + " values, one less than edges, got "
              + counts.length);
    }
    Check.finite("edges", edges);
    for (int i = 1; i < edges.length; i++) {
      if (!(edges[i] > edges[i - 1])) {
        throw new IllegalArgumentException(
            "edges must be ascending, got "
                + edges[i]
                + " after "
                + edges[i - 1]
                + " at index "
                + i);
      }
    }
    Check.finite("counts", counts);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        throw new IllegalArgumentException(
            "counts must be at least 0, got " + counts[i] + " at index " + i);
      }
    }
  }

  /**
   * Counts {@code values} in {@code bins} bins of equal width between the lowest and the highest of
   * them, as {@code numpy.histogram} does.
   *
   * <p>If all values are equal, the bins span 1 around that value; if they lie so close together
   * that double precision cannot hold the edges between them, the bins span as much as it needs.
   *
   * <p>Cost: {@code n * log(bins)} comparisons.
   *
   * @param values what to count, shape {@code [n]}, at least one, all finite
   * @param bins number of bins, at least 1; TensorFlow's default is 30
   * @return the histogram; its counts add up to {@code n}
   * @throws IllegalArgumentException if {@code values} is empty or holds NaN or an infinity, or
   *     {@code bins} is below 1
   */
  public static HistogramBins of(double[] values, int bins) {
    Objects.requireNonNull(values, "values");
    Check.atLeast("bins", 1, bins);
    if (values.length == 0) {
      throw new IllegalArgumentException("values must not be empty, got 0 values");
    }
    Check.finite("values", values);
    double[] edges = evenEdges(values, bins);
    double[] counts = new double[bins];
    for (double value : values) {
      counts[bin(edges, value + 0.0)]++;
    }
    return new HistogramBins(edges, counts);
  }

  /**
   * Counts float32 values, see {@link #of(double[], int)}.
   *
   * @param values what to count, shape {@code [n]}, at least one, all finite
   * @param bins number of bins, at least 1
   * @return the histogram; its counts add up to {@code n}
   * @throws IllegalArgumentException if {@code values} is empty or holds NaN or an infinity, or
   *     {@code bins} is below 1
   */
  public static HistogramBins of(float[] values, int bins) {
    Objects.requireNonNull(values, "values");
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return of(wide, bins);
  }

  /**
   * Returns the borders of the bins.
   *
   * @return a copy, shape {@code [bins + 1]}
   */
  @Override
  public double[] edges() {
    return edges.clone();
  }

  /**
   * Returns what lies in each bin.
   *
   * @return a copy, shape {@code [bins]}
   */
  @Override
  public double[] counts() {
    return counts.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HistogramBins that
        && Arrays.equals(edges, that.edges)
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(edges) + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "HistogramBins[edges="
        + Arrays.toString(edges)
        + ", counts="
        + Arrays.toString(counts)
        + "]";
  }

  /** Adding 0.0 turns -0.0, which sorts below 0.0 in {@link #bin}, into 0.0. */
  private static double[] evenEdges(double[] values, int bins) {
    double low = Arrays.stream(values).min().orElseThrow() + 0.0;
    double high = Arrays.stream(values).max().orElseThrow() + 0.0;
    // Below this width rounding may put two edges on one number.
    double narrowest = 8.0 * bins * Math.ulp(Math.max(Math.abs(low), Math.abs(high)));
    if (high - low < narrowest) {
      double half = low == high ? Math.max(0.5, narrowest) : narrowest;
      double center = low / 2 + high / 2;
      low = Math.max(center - half, -Double.MAX_VALUE);
      high = Math.min(center + half, Double.MAX_VALUE);
    }
    double[] edges = new double[bins + 1];
    for (int i = 1; i < bins; i++) {
      double right = (double) i / bins;
      edges[i] = low * (1 - right) + high * right + 0.0; // high - low could overflow
    }
    edges[0] = low;
    edges[bins] = high;
    return edges;
  }

  private static int bin(double[] edges, double value) {
    int found = Arrays.binarySearch(edges, value);
    int bin = found >= 0 ? found : -found - 2;
    return Math.min(bin, edges.length - 2);
  }
}
