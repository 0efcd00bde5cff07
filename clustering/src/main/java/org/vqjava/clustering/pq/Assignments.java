/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Arrays;

/** Which centroid each block takes, in the narrowest type that holds them: 1, 2 or 4 bytes each. */
public final class Assignments {
  private static final int BYTE_VALUES = 1 << 8;
  private static final int CHAR_VALUES = 1 << 16;

  private final byte[] bytes;
  private final char[] chars;
  private final int[] ints;
  private final int count;
  private final int centroids;

  /**
   * Stores assignments.
   *
   * @param values each in {@code [0, centroids)}
   * @param centroids k, at least 1
   * @throws IllegalArgumentException if a value is out of range
   */
  public Assignments(int[] values, int centroids) {
    if (centroids < 1) {
      throw new IllegalArgumentException("centroids must be at least 1, got " + centroids);
    }
    for (int value : values) {
      if (value < 0 || value >= centroids) {
        throw new IllegalArgumentException(
            "assignments must be from 0 to below " + centroids + ", got " + value);
      }
    }
    this.count = values.length;
    this.centroids = centroids;
    bytes = new byte[centroids <= BYTE_VALUES ? count : 0];
    chars = new char[centroids > BYTE_VALUES && centroids <= CHAR_VALUES ? count : 0];
    ints = centroids > CHAR_VALUES ? values.clone() : new int[0];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) values[i];
    }
  }

  /**
   * One of them.
   *
   * @param i number of a block
   * @return number of its centroid
   */
  public int get(int i) {
    if (centroids <= BYTE_VALUES) {
      return bytes[i] & 0xFF;
    }
    return centroids <= CHAR_VALUES ? chars[i] : ints[i];
  }

  /**
   * How many blocks there are.
   *
   * @return n
   */
  public int count() {
    return count;
  }

  /**
   * How many centroids there are.
   *
   * @return k
   */
  public int centroids() {
    return centroids;
  }

  /**
   * All of them, as a gather demands.
   *
   * @return {@code [n]}
   */
  public int[] toInts() {
    int[] values = new int[count];
    Arrays.setAll(values, this::get);
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Assignments a
        && centroids == a.centroids
        && Arrays.equals(bytes, a.bytes)
        && Arrays.equals(chars, a.chars)
        && Arrays.equals(ints, a.ints);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(bytes) + Arrays.hashCode(chars)) + Arrays.hashCode(ints);
  }
}
