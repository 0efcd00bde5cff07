/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.vqjava.layers.CodebookInitializer;

/** How the codebook gets its first values. */
public enum CodebookStart {
  /** Pieces of the first batch, chosen far from each other (k-means++). */
  K_MEANS_PLUS_PLUS,
  /** The first pieces of the first batch, alike or not. */
  BATCH,
  /** The first pieces of the first batch; missing ones are drawn with noise. */
  BATCH_WITH_JITTER,
  /** Normal random numbers with standard deviation 1. */
  NORMAL,
  /** Uniform random numbers in ±√(6 / (K·D)). */
  UNIFORM;

  /**
   * The start of a name, {@code k-means-plus-plus} say.
   *
   * @param name lower case, with hyphens
   * @return the start
   * @throws IllegalArgumentException if there is none of that name
   */
  public static CodebookStart of(String name) {
    return Arrays.stream(values())
        .filter(start -> start.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "init must be one of "
                        + Arrays.stream(values())
                            .map(CodebookStart::label)
                            .collect(Collectors.joining(", "))
                        + ", got "
                        + name));
  }

  /**
   * The name as {@link #of} reads it.
   *
   * @return lower case, with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it needs as many latent vectors as codes; the others make codes of their own. */
  boolean needsAPieceForEachCode() {
    return this == K_MEANS_PLUS_PLUS || this == BATCH;
  }

  CodebookInitializer initializer(int size, int width, long seed) {
    return switch (this) {
      case K_MEANS_PLUS_PLUS -> CodebookInitializer.kMeansPlusPlus(seed);
      case BATCH -> CodebookInitializer.fromBatch();
      case BATCH_WITH_JITTER -> CodebookInitializer.fromBatchWithJitter(0.01, seed);
      case NORMAL -> CodebookInitializer.normal(1, seed);
      case UNIFORM -> {
        double bound = Math.sqrt(6.0 / ((double) size * width));
        yield CodebookInitializer.uniform(-bound, bound, seed);
      }
    };
  }
}
