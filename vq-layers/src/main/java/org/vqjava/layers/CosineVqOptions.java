/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import java.util.Optional;
import org.vqjava.ops.SearchMode;

/**
 * How a layer looks up by the cosine.
 *
 * <pre>{@code
 * CosineVqOptions.defaults().withSplits(2)
 * }</pre>
 *
 * @param splits S, how many pieces the last axis is cut into; all share the codebook
 * @param mode how cosines are compared
 * @param straightThrough whether the input gets the output's gradient
 * @param reduction to fewer dimensions for the look-up, if there is one
 */
public record CosineVqOptions(
    int splits, SearchMode mode, boolean straightThrough, Optional<PcaReduction> reduction) {

  private static final CosineVqOptions DEFAULTS =
      new CosineVqOptions(1, SearchMode.FAST, true, Optional.empty());

  /**
   * Checks the options.
   *
   * @param splits S, at least 1
   * @param mode how cosines are compared
   * @param straightThrough whether the input gets the output's gradient
   * @param reduction to fewer dimensions, if there is one
   * @throws IllegalArgumentException if {@code splits} is below 1
   */
  public CosineVqOptions {
    Check.atLeast("splits", 1, splits);
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(reduction, "reduction");
  }

  /**
   * One split, FAST look-up, straight-through, no reduction.
   *
   * @return the defaults
   */
  public static CosineVqOptions defaults() {
    return DEFAULTS;
  }

  /**
   * The same with another number of splits.
   *
   * @param value S, at least 1
   * @return new options
   * @throws IllegalArgumentException if it is below 1
   */
  public CosineVqOptions withSplits(int value) {
    return new CosineVqOptions(value, mode, straightThrough, reduction);
  }

  /**
   * The same with another look-up mode.
   *
   * @param value FAST or EXACT
   * @return new options
   */
  public CosineVqOptions withMode(SearchMode value) {
    return new CosineVqOptions(splits, value, straightThrough, reduction);
  }

  /**
   * The same with or without the straight-through gradient.
   *
   * @param value whether the input gets the output's gradient; the original's does not
   * @return new options
   */
  public CosineVqOptions withStraightThrough(boolean value) {
    return new CosineVqOptions(splits, mode, value, reduction);
  }

  /**
   * The same with a look-up in fewer dimensions.
   *
   * @param value which, and how many
   * @return new options
   */
  public CosineVqOptions withReduction(PcaReduction value) {
    return new CosineVqOptions(splits, mode, straightThrough, Optional.of(value));
  }
}
