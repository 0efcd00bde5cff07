/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Locale;

/** How the gradients of a cluster's weights become the gradient of its centroid. */
public enum GradientAggregation {
  /** Their sum: the derivative. */
  SUM,
  /** Their mean; 0 for an empty cluster. Plain gradient descent needs it at usual rates. */
  AVG;

  /**
   * The aggregation of a name.
   *
   * @param name {@code sum} or {@code avg}, in any case
   * @return the aggregation
   * @throws IllegalArgumentException if there is none of that name
   */
  public static GradientAggregation of(String name) {
    return Names.of(GradientAggregation.class, "aggregation", name);
  }

  /**
   * The name as {@link #of} reads it.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
