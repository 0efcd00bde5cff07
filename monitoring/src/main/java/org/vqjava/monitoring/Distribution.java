/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import java.util.Objects;

/**
 * How some numbers are spread, distances of inputs to their codes say.
 *
 * <pre>{@code
 * Distribution d = Distribution.of(new float[] {1, 2, 3, Float.NaN}, 30);
 * d.finite(); // 3
 * d.notFinite(); // 1
 * d.mean(); // 2
 * }</pre>
 *
 * @param finite how many finite numbers there are
 * @param notFinite how many others: of a codebook that became NaN, all
 * @param min the least finite number; NaN if there is none
 * @param mean of the finite numbers; NaN if there is none
 * @param max the largest finite number; NaN if there is none
 * @param bins counts of the finite numbers
 */
public record Distribution(
    long finite, long notFinite, double min, double mean, double max, HistogramBins bins) {

  /**
   * Checks the counts.
   *
   * @param finite how many finite numbers there are, at least 0
   * @param notFinite how many others, at least 0
   * @param min the least finite number
   * @param mean of the finite numbers
   * @param max the largest finite number
   * @param bins counts of the finite numbers
   * @throws IllegalArgumentException if a number of numbers is negative
   */
  public Distribution {
    Check.atLeast("finite", 0, finite);
    Check.atLeast("notFinite", 0, notFinite);
    Objects.requireNonNull(bins, "bins");
  }

  /**
   * The distribution of numbers, in bins of equal width from the least to the largest.
   *
   * <p>Cost: {@code n · log(bins)} comparisons.
   *
   * @param values any numbers, not finite ones too; may be empty
   * @param bins how many bins, at least 1
   * @return their distribution
   * @throws IllegalArgumentException if {@code bins} is below 1
   */
  public static Distribution of(float[] values, int bins) {
    Check.atLeast("bins", 1, bins);
    double[] finite = new double[values.length];
    int count = 0;
    double sum = 0;
    double min = Double.NaN;
    double max = Double.NaN;
    for (float value : values) {
      if (Float.isFinite(value)) {
        finite[count++] = value;
        sum += value;
        min = value < min ? value : count == 1 ? value : min;
        max = value > max ? value : count == 1 ? value : max;
      }
    }
    HistogramBins counted =
        count == 0
            ? new HistogramBins(new double[] {0, 1}, new double[1])
            : HistogramBins.of(Arrays.copyOf(finite, count), bins);
    return new Distribution(count, values.length - count, min, sum / count, max, counted);
  }

  /**
   * The number that half of the finite ones are below, as well as the bins tell: within its bin the
   * numbers count as spread evenly.
   *
   * @return from min to max; NaN if there is no finite number
   */
  public double median() {
    if (finite == 0) {
      return Double.NaN;
    }
    double[] edges = bins.edges();
    double[] counts = bins.counts();
    double half = finite / 2.0;
    double below = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= half) {
        double inside = (half - below) / counts[i];
        double value = edges[i] + inside * (edges[i + 1] - edges[i]);
        return Math.max(min, Math.min(max, value));
      }
      below += counts[i];
    }
    return max;
  }
}
