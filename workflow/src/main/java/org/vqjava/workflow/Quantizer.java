/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vqjava.ops.Norm;

/** How the bottleneck looks up. */
public enum Quantizer {
  /** The code with the smallest Euclidean distance. */
  L2(Norm.L2),
  /** The code with the smallest sum of differences. */
  L1(Norm.L1),
  /** The code with the smallest largest difference. */
  LINF(Norm.LINF),
  /**
   * The code that points most nearly in the vector's direction. It has no losses but the commitment
   * loss, and no replacement; the codes learn from the reconstruction error.
   */
  COSINE(null);

  private final @Nullable Norm norm;

  Quantizer(@Nullable Norm norm) {
    this.norm = norm;
  }

  /**
   * The name on the command line.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isCosine() {
    return norm == null;
  }

  Norm norm() {
    if (norm == null) {
      throw new IllegalStateException("the cosine is no norm");
    }
    return norm;
  }
}
