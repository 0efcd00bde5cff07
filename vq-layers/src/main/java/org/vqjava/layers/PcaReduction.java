/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;

/**
 * Looks up in a space of fewer dimensions: vectors and codes are compared by their first principal
 * components. What is taken is the whole code, and the α-loss and spacings are of whole codes too.
 *
 * @param axes what the components are of
 * @param components c, how many, from 1 to D
 */
public record PcaReduction(Axes axes, int components) {
  /** What the principal components are of. */
  public enum Axes {
    /**
     * The codes and the batch together, {@code pca-batch}: so the nearest code of a vector depends
     * on the rest of the batch. The β-loss has a gradient to the input through them.
     */
    BATCH,
    /** The codes alone, {@code pca-emb-space}; vectors are seen from the codes' mean. */
    CODEBOOK,
    /**
     * The codes alone, and vectors are seen from the origin, codes from their mean, so that they
     * are shifted against each other: the original's way.
     */
    CODEBOOK_UNCENTRED
  }

  /**
   * Checks the reduction.
   *
   * @param axes what the components are of
   * @param components c, at least 1; that it is at most D is checked by the layer
   * @throws IllegalArgumentException if {@code components} is below 1
   */
  public PcaReduction {
    Objects.requireNonNull(axes, "axes");
    Check.atLeast("components", 1, components);
  }

  /**
   * Components of the codes and the batch together.
   *
   * @param components c, from 1 to D
   * @return the reduction
   * @throws IllegalArgumentException if {@code components} is below 1
   */
  public static PcaReduction ofBatch(int components) {
    return new PcaReduction(Axes.BATCH, components);
  }

  /**
   * Components of the codes alone.
   *
   * @param components c, from 1 to D
   * @return the reduction
   * @throws IllegalArgumentException if {@code components} is below 1
   */
  public static PcaReduction ofCodebook(int components) {
    return new PcaReduction(Axes.CODEBOOK, components);
  }
}
