/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import org.vqjava.layers.CodebookUsage;

/**
 * How evenly codes are taken.
 *
 * @param summary vectors, codes used, entropy in nats and perplexity, from 1 to K
 * @param gini 0 if all codes are taken equally often, (K − 1) / K if one takes all; 0 if none is
 *     taken
 * @param topShare the part of the vectors that the code taken most often took, from 1/K to 1; 0 if
 *     none is taken
 */
public record UsageFigures(CodebookUsage.Summary summary, double gini, double topShare) {
  /**
   * The figures of counts.
   *
   * <p>Gini = Σ_i (2i − K − 1)·c_i / (K·Σc) with the counts c ascending and i from 1. Cost: the
   * sorting of K numbers.
   *
   * @param counts how often each code was taken, {@code [K]}, not negative
   * @return the figures
   */
  public static UsageFigures of(long[] counts) {
    CodebookUsage.Summary summary = CodebookUsage.Summary.of(counts);
    if (summary.accesses() == 0) {
      return new UsageFigures(summary, 0, 0);
    }
    long[] ascending = counts.clone();
    Arrays.sort(ascending);
    int codes = counts.length;
    double weighted = 0;
    for (int i = 0; i < codes; i++) {
      weighted += (2.0 * (i + 1) - codes - 1) * ascending[i];
    }
    double total = Arrays.stream(counts).asDoubleStream().sum();
    return new UsageFigures(summary, weighted / (codes * total), ascending[codes - 1] / total);
  }

  /**
   * The entropy of the distribution over the codes: what a code costs if it is stored well.
   *
   * @return in bits, from 0 to log₂ K
   */
  public double entropyBits() {
    return summary.entropy() / Math.log(2);
  }
}
