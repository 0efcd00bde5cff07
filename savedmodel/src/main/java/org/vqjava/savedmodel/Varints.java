/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.nio.ByteBuffer;

/**
 * Numbers in as few bytes as they need: seven bits in each, the lowest first, the eighth set if
 * more follow.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/#varints">Base 128 varints</a>
 */
final class Varints {
  private static final int BITS = 7;
  private static final int MOST_INT_BYTES = 5;
  private static final int MOST_LONG_BYTES = 9; // a tenth would hold the sign

  private Varints() {}

  /** The next number, 0 to 2³¹ − 1, and the position behind it. */
  static int readInt(ByteBuffer bytes, FileChecks file) {
    int at = bytes.position();
    long value = read(bytes, MOST_INT_BYTES, file);
    if (value > Integer.MAX_VALUE) {
      throw file.refused("have numbers below 2^31 at byte " + at, "the number " + value);
    }
    return (int) value;
  }

  /** The next number, 0 to 2⁶³ − 1, and the position behind it. */
  static long readLong(ByteBuffer bytes, FileChecks file) {
    return read(bytes, MOST_LONG_BYTES, file);
  }

  private static long read(ByteBuffer bytes, int mostBytes, FileChecks file) {
    int at = bytes.position();
    long value = 0;
    for (int i = 0; i < mostBytes && bytes.hasRemaining(); i++) {
      byte next = bytes.get();
      value |= (next & 0x7fL) << (i * BITS);
      if (next >= 0) {
        return value;
      }
    }
    throw file.refused(
        "have a number of at most " + mostBytes + " bytes at byte " + at, "one without an end");
  }
}
