/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A block of a sorted table.
 *
 * <pre>
 * entry* : varint shared, varint unshared, varint length,
 *          byte key[unshared], byte value[length]
 * uint32 restarts[count]      where keys share nothing with the one before
 * uint32 count
 * </pre>
 *
 * <p>Restarts are not needed to read a block from its start, but TensorFlow jumps to them without
 * looking, so each is checked.
 */
final class TableBlock {
  /** How many keys writers put between restarts, which is how often a byte can be repeated. */
  private static final int MOST_SHARING = 16;

  private final FileChecks file;
  private final byte[] bytes;
  private final int start;
  private final int end; // of the entries
  private final ByteBuffer restarts;

  /** The block of {@code size} bytes at {@code start} of the file. */
  TableBlock(FileChecks file, byte[] bytes, int start, int size) {
    this.file = file;
    this.bytes = bytes;
    this.start = start;
    file.must(size >= Integer.BYTES, "have a block at byte " + start, size + " bytes");
    int last = start + size - Integer.BYTES;
    long count = Integer.toUnsignedLong(littleEndian(last, Integer.BYTES).getInt());
    int most = (last - start) / Integer.BYTES;
    file.must(
        count >= 1 && count <= most,
        "have 1 to " + most + " restarts in the block at byte " + start,
        count);
    this.end = last - (int) count * Integer.BYTES;
    this.restarts = littleEndian(end, last - end);
  }

  private ByteBuffer littleEndian(int from, int length) {
    return ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** All entries as they come, at least one. */
  List<TableEntry> entries() {
    List<TableEntry> entries = new ArrayList<>();
    ByteBuffer left = littleEndian(start, end - start);
    ByteBuffer restartsLeft = restarts.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    byte[] key = {};
    long keyBytes = 0;
    while (left.hasRemaining()) {
      int at = left.position();
      int shared = Varints.readInt(left, file);
      int unshared = Varints.readInt(left, file);
      int length = Varints.readInt(left, file);
      if ((long) unshared + length > left.remaining()) {
        throw file.refused(
            "have entries within their blocks", "one at byte " + at + " that leaves its block");
      }
      passRestart(restartsLeft, at - start, shared);
      if (shared > key.length) {
        throw file.refused(
            "share bytes with the key before at byte " + at, shared + " of " + key.length);
      }
      keyBytes += (long) shared + unshared;
      if (keyBytes > MOST_SHARING * (long) (end - start)) {
        throw file.refused(
            "repeat the bytes of keys at most " + MOST_SHARING + " times", "more at byte " + at);
      }
      key = Arrays.copyOf(key, shared + unshared);
      left.get(key, shared, unshared);
      ByteString value = UnsafeByteOperations.unsafeWrap(bytes, left.position(), length);
      left.position(left.position() + length);
      entries.add(new TableEntry(UnsafeByteOperations.unsafeWrap(key), value));
    }
    file.must(
        !entries.isEmpty() && !restartsLeft.hasRemaining(),
        "have restarts where entries begin",
        "others in the block at byte " + start);
    return entries;
  }

  private void passRestart(ByteBuffer restartsLeft, int offset, int shared) {
    if (restartsLeft.hasRemaining() && restartsLeft.getInt(restartsLeft.position()) == offset) {
      restartsLeft.position(restartsLeft.position() + Integer.BYTES);
      if (shared != 0) {
        throw file.refused(
            "share no bytes of keys at restarts", shared + " at byte " + (start + offset));
      }
    }
  }
}
