/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

/** Which axis of a weight holds the channels. */
public enum DataFormat {
  /** Axis 1. */
  CHANNELS_FIRST,
  /** The last axis: the output channels of TensorFlow's kernels. */
  CHANNELS_LAST;

  /**
   * The format of a name.
   *
   * @param name {@code channels_first} or {@code channels_last}, in any case
   * @return the format
   * @throws IllegalArgumentException if there is none of that name
   */
  public static DataFormat of(String name) {
    return Names.of(DataFormat.class, "data format", name);
  }

  /**
   * The axis of the channels.
   *
   * @param rank of the weight, at least 2
   * @return from 0
   * @throws IllegalArgumentException if the rank is below 2
   */
  public int axis(int rank) {
    if (rank < 2) {
      throw new IllegalArgumentException(
          "a weight with channels must have rank at least 2, got " + rank);
    }
    return this == CHANNELS_FIRST ? 1 : rank - 1;
  }
}
