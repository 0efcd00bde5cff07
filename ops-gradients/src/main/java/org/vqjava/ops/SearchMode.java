/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

/**
 * How distances are compared when a nearest code is looked for.
 *
 * <p>It matters for {@link Norm#L2} alone: L1 and L∞ have no form faster than the direct one, and
 * are always searched as {@link #EXACT}.
 */
public enum SearchMode {
  /**
   * By one matrix multiplication, ‖x‖² − 2⟨x, e⟩ + ‖e‖² about the codebook's mean.
   *
   * <p>Equal codes give the lowest index. Of two different codes that are equally far within
   * rounding, about 1e-7 · (‖x‖² + ‖e‖²) in float32, either may be taken.
   */
  FAST,
  /**
   * By the differences themselves. Ties always go to the lowest index. Many times slower than FAST
   * under L2.
   */
  EXACT
}
