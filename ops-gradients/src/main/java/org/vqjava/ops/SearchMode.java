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
   * By one matrix multiplication, ‖x‖² − 2⟨x, e⟩ + ‖e‖² seen from where most codes are.
   *
   * <p>Equal codes give the lowest index. Of two different codes either may be taken if they are
   * equally far within a thousandth: a vector so near to its code that rounding could blur more is
   * compared with all codes in question by subtraction. So codes may lie in groups far apart, and
   * such vectors cost more time than others.
   */
  FAST,
  /**
   * By the differences themselves. Ties always go to the lowest index. Many times slower than FAST
   * under L2.
   */
  EXACT
}
