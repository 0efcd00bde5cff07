/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.util.Locale;

/** A type of numbers that NumPy stores and this library reads and writes. */
public enum NumpyType {
  /** Truth values of a byte each. */
  BOOL("|b1", 0, 1),
  /** Whole numbers of 8 bits. */
  INT8("|i1", Byte.MIN_VALUE, Byte.MAX_VALUE),
  /** Whole numbers of 16 bits. */
  INT16("<i2", Short.MIN_VALUE, Short.MAX_VALUE),
  /** Whole numbers of 32 bits. */
  INT32("<i4", Integer.MIN_VALUE, Integer.MAX_VALUE),
  /** Whole numbers of 64 bits. */
  INT64("<i8", Long.MIN_VALUE, Long.MAX_VALUE),
  /** Whole numbers of 8 bits without a sign. */
  UINT8("|u1", 0, (1L << 8) - 1),
  /** Whole numbers of 16 bits without a sign. */
  UINT16("<u2", 0, (1L << 16) - 1),
  /** Whole numbers of 32 bits without a sign. */
  UINT32("<u4", 0, (1L << 32) - 1),
  /** Whole numbers of 64 bits without a sign; a {@code long} holds the lower half of them. */
  UINT64("<u8", 0, Long.MAX_VALUE),
  /** Floating-point numbers of 16 bits. */
  FLOAT16("<f2"),
  /** Floating-point numbers of 32 bits. */
  FLOAT32("<f4"),
  /** Floating-point numbers of 64 bits. */
  FLOAT64("<f8");

  private final String descriptor;
  private final boolean whole;
  private final long least;
  private final long most;

  NumpyType(String descriptor) {
    this.descriptor = descriptor;
    this.whole = false;
    this.least = 0;
    this.most = 0;
  }

  NumpyType(String descriptor, long least, long most) {
    this.descriptor = descriptor;
    this.whole = true;
    this.least = least;
    this.most = most;
  }

  /**
   * The smallest type without a sign that holds 0 and a number, and so all between: what indices
   * take.
   *
   * @param most at least 0
   * @return 8 bits for 255, 16 for 256
   * @throws IllegalArgumentException if the number is negative
   */
  public static NumpyType smallestFor(long most) {
    if (most < 0) {
      throw new IllegalArgumentException("most must be at least 0, got " + most);
    }
    for (NumpyType type : new NumpyType[] {UINT8, UINT16, UINT32}) {
      if (most <= type.most) {
        return type;
      }
    }
    return UINT64;
  }

  /**
   * What a number takes.
   *
   * @return 1, 2, 4 or 8 bytes
   */
  public int bytes() {
    return descriptor.charAt(2) - '0';
  }

  /**
   * Whether its numbers are whole, or truth values.
   *
   * @return false for floating point
   */
  public boolean isWhole() {
    return whole;
  }

  /** As NumPy writes it into a header, little-endian. */
  String descriptor() {
    return descriptor;
  }

  /** The least whole number, of those that a {@code long} holds. */
  long least() {
    return least;
  }

  /** The largest whole number, of those that a {@code long} holds. */
  long most() {
    return most;
  }

  /** NumPy's name of the type: {@code uint8}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
