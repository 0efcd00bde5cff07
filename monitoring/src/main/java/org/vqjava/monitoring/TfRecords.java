/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The framing of TFRecord files, which event files share.
 *
 * <pre>
 * uint64  length                  little-endian, as all numbers here
 * uint32  masked CRC-32C of the 8 bytes of length
 * byte    data[length]
 * uint32  masked CRC-32C of data
 * </pre>
 *
 * @see <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord">TFRecords format
 *     details</a>
 */
final class TfRecords {
  private static final int LENGTH_BYTES = Long.BYTES;
  private static final int FRAME_BYTES = LENGTH_BYTES + 2 * Integer.BYTES;
  private static final int MASK_DELTA = 0xa282ead8;

  private TfRecords() {}

  /** {@code data} with its length before it and the two checksums. */
  static byte[] frame(byte[] data) {
    ByteBuffer record =
        ByteBuffer.allocate(Math.addExact(data.length, FRAME_BYTES))
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    return record
        .putInt(maskedCrc(record.array(), LENGTH_BYTES))
        .put(data)
        .putInt(maskedCrc(data, data.length))
        .array();
  }

  /**
   * The CRC-32C of the first {@code length} bytes, rotated right by 15 bits and shifted by a
   * constant, so that a checksum of data which holds checksums stays a good one.
   */
  static int maskedCrc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }
}
