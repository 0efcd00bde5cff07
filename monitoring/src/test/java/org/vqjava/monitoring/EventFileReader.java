/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.tensorflow.proto.Event;

/** Reads event files as TensorBoard does: checks both checksums, ignores a record cut short. */
final class EventFileReader {
  private EventFileReader() {}

  static List<Event> events(Path file) {
    try {
      List<Event> events = new ArrayList<>();
      for (byte[] data : records(Files.readAllBytes(file))) {
        events.add(Event.parseFrom(data));
      }
      return events;
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("a whole record is no event in " + file, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<byte[]> records(byte[] file) {
    List<byte[]> records = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.remaining() >= 12) {
      byte[] length = new byte[8];
      bytes.get(bytes.position(), length);
      int size = Math.toIntExact(bytes.getLong());
      assertEquals(masked(length), bytes.getInt(), "checksum of the length");
      if (bytes.remaining() < size + 4L) {
        break;
      }
      byte[] data = new byte[size];
      bytes.get(data);
      assertEquals(masked(data), bytes.getInt(), "checksum of the data");
      records.add(data);
    }
    return records;
  }

  private static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    long value = crc.getValue();
    return (int) (((value >> 15) | (value << 17)) + 0xa282ead8L);
  }
}
