/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.zip.CRC32C;

/** Writes sorted tables, whole ones and others. */
final class TableBytes {
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int HANDLES = 40;

  private TableBytes() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] ints(int... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  static byte[] varints(long... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (long value : values) {
        out.writeUInt64NoTag(value);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] entry(int shared, byte[] unshared, byte[] value) {
    return joined(varints(shared, unshared.length, value.length), unshared, value);
  }

  /** Entries that share nothing, the first of them a restart. */
  static byte[] block(byte[]... entries) {
    return joined(joined(entries), ints(0, 1));
  }

  /** Behind each block is whether it is compressed and a checksum of both. */
  static byte[] withTrailer(byte[] block, int compression) {
    byte[] covered = joined(block, new byte[] {(byte) compression});
    return joined(covered, ints(maskedCrc(covered, 0, covered.length)));
  }

  static int maskedCrc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** Filled up to the length that it has. */
  static byte[] footer(byte[] handles) {
    return ByteBuffer.allocate(HANDLES + Long.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(handles)
        .putLong(HANDLES, MAGIC)
        .array();
  }

  /** Blocks of data with their keys in the index. */
  static byte[] table(List<String> indexKeys, List<byte[]> blocks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<byte[]> handles = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      byte[] handle = varints(out.size(), blocks.get(i).length);
      handles.add(entry(0, utf8(indexKeys.get(i)), handle));
      out.writeBytes(withTrailer(blocks.get(i), 0));
    }
    return indexed(out.toByteArray(), block(handles.toArray(new byte[0][])));
  }

  /** Blocks with their trailers, then the empty one, the index and the footer. */
  static byte[] indexed(byte[] blocks, byte[] index) {
    byte[] empty = block();
    byte[] front = joined(blocks, withTrailer(empty, 0));
    byte[] handles = varints(blocks.length, empty.length, front.length, index.length);
    return joined(front, withTrailer(index, 0), footer(handles));
  }

  /** One block of messages. */
  static byte[] table(SortedMap<String, ? extends MessageLite> messages) {
    byte[][] entries =
        messages.entrySet().stream()
            .map(e -> entry(0, utf8(e.getKey()), e.getValue().toByteArray()))
            .toArray(byte[][]::new);
    return table(List.of(messages.lastKey()), List.of(block(entries)));
  }
}
