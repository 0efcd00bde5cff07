/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** What stands around the messages of a snapshot log; see snapshot.proto. */
final class LogFormat {
  /** As PNG's: a byte above 127, the name, and line ends that a transfer as text would change. */
  private static final byte[] MAGIC = {(byte) 0x89, 'V', 'Q', 'L', '\r', '\n', 0x1A, '\n'};

  static final int VERSION = 1;
  static final int HEADER_BYTES = MAGIC.length + Integer.BYTES;

  /** Length and checksum. */
  static final int FRAME_BYTES = 2 * Integer.BYTES;

  /** The most bytes of a record, and of a snapshot before it is packed. */
  static final int MOST_BYTES = 1 << 28;

  private LogFormat() {}

  static byte[] header() {
    return littleEndian(HEADER_BYTES).put(MAGIC).putInt(VERSION).array();
  }

  static byte[] frame(byte[] message) {
    return littleEndian(Math.addExact(FRAME_BYTES, message.length))
        .putInt(message.length)
        .putInt(checksum(message))
        .put(message)
        .array();
  }

  static int checksum(byte[] message) {
    CRC32C checksum = new CRC32C();
    checksum.update(message);
    return (int) checksum.getValue();
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
