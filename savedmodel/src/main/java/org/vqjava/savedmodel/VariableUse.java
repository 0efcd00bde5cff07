/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;

/**
 * How a model computes with a variable.
 *
 * @param kind what it is to the operation
 * @param operation the operation's type, {@code MatMul} say
 * @param summed the axes of the variable over which the operation sums, from 0: {@code [0]} of a
 *     dense kernel {@code [in, out]}, {@code [1]} of one that is multiplied transposed; of a
 *     look-up the axes of an entry. Empty where they are not known, and of {@link Kind#OTHER}
 */
public record VariableUse(Kind kind, String operation, List<Integer> summed) {
  /** What a variable is to an operation. */
  public enum Kind {
    /** A factor of a product of matrices. */
    PRODUCT,
    /** The filter of a convolution. */
    CONVOLUTION,
    /** The filter of a transposed convolution. */
    TRANSPOSED_CONVOLUTION,
    /** A table of which entries are taken: an embedding. */
    LOOK_UP,
    /** The filter of a depthwise convolution: few weights for each channel. */
    DEPTHWISE_CONVOLUTION,
    /** Anything else: a bias, a scale, a state. */
    OTHER
  }

  /**
   * Copies the axes.
   *
   * @param kind what the variable is to the operation
   * @param operation its type
   * @param summed axes of the variable
   */
  public VariableUse {
    summed = List.copyOf(summed);
  }

  /**
   * Whether it is what compression is for: many weights, each of which is used in many sums.
   *
   * @return true of products, convolutions and look-ups, false of depthwise filters and the rest
   */
  public boolean isKernel() {
    return kind != Kind.DEPTHWISE_CONVOLUTION && kind != Kind.OTHER;
  }
}
