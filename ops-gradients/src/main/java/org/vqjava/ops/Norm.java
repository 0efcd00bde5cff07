/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;

/** The norm that a distance is measured with; plain, never squared. */
public enum Norm {
  /** Sum of absolute values, ‖v‖₁ = Σ |v_d|. */
  L1("1"),
  /** Euclidean length, ‖v‖₂ = √Σ v_d². */
  L2("2"),
  /** Largest absolute value, ‖v‖∞ = max |v_d|. */
  LINF("inf");

  private final String order;

  Norm(String order) {
    this.order = order;
  }

  /**
   * The norm of an order in the notation of numpy and TensorFlow.
   *
   * <pre>{@code
   * Norm.of("inf") // LINF
   * }</pre>
   *
   * @param order {@code "1"}, {@code "2"} or {@code "inf"}
   * @return the norm
   * @throws IllegalArgumentException if it is none of them
   */
  public static Norm of(String order) {
    Objects.requireNonNull(order, "order");
    for (Norm norm : values()) {
      if (norm.order.equals(order)) {
        return norm;
      }
    }
    throw new IllegalArgumentException("order must be 1, 2 or inf, got " + order);
  }

  /**
   * The order, as {@link #of} reads it.
   *
   * @return {@code "1"}, {@code "2"} or {@code "inf"}
   */
  public String order() {
    return order;
  }
}
