/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TfRecordsTest {
  /**
   * CRC-32C of the digits is e3069283 (RFC 3720's check value), rotated 2507c60d, plus a282ead8.
   */
  @Test
  void checksumIsRotatedAndShifted() {
    byte[] digits = "123456789".getBytes(US_ASCII);

    assertEquals(0xc78ab0e5, TfRecords.maskedCrc(digits, digits.length));
  }

  @Test
  void checksumCoversTheStatedBytesOnly() {
    byte[] digits = "123456789 and more".getBytes(US_ASCII);

    assertEquals(0xc78ab0e5, TfRecords.maskedCrc(digits, 9));
  }

  /**
   * Made with TensorFlow 2.18.1:
   *
   * <pre>
   * with tf.io.TFRecordWriter(path) as w: w.write(b'123456789')
   * print(open(path, 'rb').read().hex())
   * </pre>
   */
  @Test
  void frameIsThatOfTensorFlow() {
    byte[] expected =
        HexFormat.of()
            .parseHex("0900000000000000" + "37f97139" + "313233343536373839" + "e5b08ac7");

    assertArrayEquals(expected, TfRecords.frame("123456789".getBytes(US_ASCII)));
  }

  @Test
  void emptyDataHasAFrameToo() {
    byte[] frame = TfRecords.frame(new byte[0]);

    assertEquals(16, frame.length);
    assertEquals(1, EventFileReader.records(frame).size());
    assertEquals(0, EventFileReader.records(frame).get(0).length);
  }
}
