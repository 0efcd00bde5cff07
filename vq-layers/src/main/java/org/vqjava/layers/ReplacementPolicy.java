/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

/** Which of the R least used codes a replacement may replace. */
public enum ReplacementPolicy {
  /**
   * As many as there are inputs collected since the last replacement that lay apart from their
   * code; an input that equals a code would only make a second one like it.
   */
  COLLECTED_INPUTS,
  /** Of those again only codes that nothing took since the last replacement. */
  UNUSED_CODES,
  /**
   * All R, whatever the slots hold: what an earlier replacement left there, or zeros. The
   * original's way.
   */
  REPLACE_ALL_SLOTS
}
