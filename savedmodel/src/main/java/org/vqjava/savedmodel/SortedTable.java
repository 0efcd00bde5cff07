/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A sorted string table, the file of keys and values that LevelDB has.
 *
 * <pre>
 * block*                          of entries
 * block                           that describes others; TensorFlow leaves it empty
 * block                           the index: the last key of each block or one behind → handle
 * handle, handle                  of the two, filled up to 40 bytes
 * uint64 0xdb4775248b80fb57       little-endian, as all numbers here
 *
 * handle: varint offset, varint size
 * behind each block: byte compression, uint32 masked CRC-32C of block and compression
 * </pre>
 *
 * <p>TensorFlow looks a key up by the index and by restarts, here all is read from start to end.
 * Both find the same, since the order of keys is checked within blocks and against the index.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">The format of
 *     LevelDB's tables</a>
 */
final class SortedTable {
  static final int FOOTER_BYTES = 48;

  private static final int MAGIC_BYTES = Long.BYTES;
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int TRAILER_BYTES = 1 + Integer.BYTES;
  private static final byte UNCOMPRESSED = 0;
  private static final int MASK_DELTA = 0xa282ead8;
  private static final Comparator<ByteString> BY_BYTES =
      ByteString.unsignedLexicographicalComparator();

  private final FileChecks file;
  private final byte[] bytes;
  private final int footer;

  /** The table in {@code bytes}, of which there are as many as a footer has. */
  SortedTable(FileChecks file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    this.footer = bytes.length - FOOTER_BYTES;
  }

  /** All entries, by key. */
  List<TableEntry> entries() {
    long magic = littleEndian(bytes.length - MAGIC_BYTES, MAGIC_BYTES).getLong();
    file.must(
        magic == MAGIC,
        "end with the magic number " + Long.toHexString(MAGIC),
        Long.toHexString(magic));
    ByteBuffer handles = littleEndian(footer, FOOTER_BYTES - MAGIC_BYTES);
    handle(handles);
    TableBlock index = block(handle(handles));
    List<TableEntry> entries = new ArrayList<>();
    @Nullable ByteString previous = null;
    long end = 0;
    for (TableEntry indexEntry : index.entries()) {
      Handle handle = handle(indexEntry.value().asReadOnlyByteBuffer());
      // Else many could name one block, and a small file would take long.
      file.must(
          handle.offset >= end,
          "have blocks one behind the other",
          "one at byte " + handle.offset + " behind byte " + end);
      end = handle.offset + handle.size + TRAILER_BYTES;
      for (TableEntry entry : block(handle).entries()) {
        if (previous != null && BY_BYTES.compare(previous, entry.key()) >= 0) {
          throw file.refused(
              "have strictly increasing keys",
              "one in the block at byte " + handle.offset + " that is not behind the one before");
        }
        entries.add(entry);
        previous = entry.key();
      }
      file.must(
          previous != null && BY_BYTES.compare(previous, indexEntry.key()) <= 0,
          "have no key behind that of its block in the index",
          "one in the block at byte " + handle.offset);
      previous = indexEntry.key();
    }
    return entries;
  }

  /** Where a block is. */
  private record Handle(long offset, long size) {}

  private Handle handle(ByteBuffer from) {
    Handle handle = new Handle(Varints.readLong(from, file), Varints.readLong(from, file));
    long most = footer - TRAILER_BYTES - handle.size;
    file.must(
        handle.size <= footer && handle.offset <= most,
        "have its blocks before the footer at byte " + footer,
        "one of " + handle.size + " bytes at byte " + handle.offset);
    return handle;
  }

  private TableBlock block(Handle handle) {
    int offset = (int) handle.offset;
    int size = (int) handle.size;
    ByteBuffer trailer = littleEndian(offset + size, TRAILER_BYTES);
    byte compression = trailer.get();
    int stored = trailer.getInt();
    int computed = maskedCrc(offset, size + 1);
    if (stored != computed) {
      throw file.refused(
          "have the checksum " + hex(computed) + " behind the block at byte " + offset,
          hex(stored));
    }
    file.must(
        compression == UNCOMPRESSED,
        "have blocks without compression, which is 0",
        compression + " at byte " + (offset + size));
    return new TableBlock(file, bytes, offset, size);
  }

  /** The CRC-32C, rotated and shifted, since data here holds checksums of its own. */
  private int maskedCrc(int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  private ByteBuffer littleEndian(int from, int length) {
    return ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String hex(int value) {
    return String.format(Locale.ROOT, "%08x", value);
  }
}
