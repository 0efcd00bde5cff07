/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vqjava.savedmodel.TableBytes.block;
import static org.vqjava.savedmodel.TableBytes.entry;
import static org.vqjava.savedmodel.TableBytes.footer;
import static org.vqjava.savedmodel.TableBytes.indexed;
import static org.vqjava.savedmodel.TableBytes.ints;
import static org.vqjava.savedmodel.TableBytes.joined;
import static org.vqjava.savedmodel.TableBytes.table;
import static org.vqjava.savedmodel.TableBytes.utf8;
import static org.vqjava.savedmodel.TableBytes.varints;
import static org.vqjava.savedmodel.TableBytes.withTrailer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/** Tables that are damaged or made to mislead. */
class CheckpointIndexTableTest {
  private static final byte[] NONE = {};
  private static final byte[] HEADER =
      entry(0, NONE, BundleHeaderProto.newBuilder().setNumShards(1).build().toByteArray());
  private static final byte[] TENSOR =
      BundleEntryProto.newBuilder()
          .setDtype(DataType.DT_BOOL)
          .setShape(TensorShapeProto.newBuilder())
          .setSize(1)
          .build()
          .toByteArray();

  private final Path prefix;
  private final Path index;

  CheckpointIndexTableTest(@TempDir Path directory) throws IOException {
    this.prefix = directory.resolve("saved");
    this.index = directory.resolve("saved.index");
    Files.write(directory.resolve("saved.data-00000-of-00001"), new byte[1]);
  }

  private static byte[] tensor(String key) {
    return entry(0, utf8(key), TENSOR);
  }

  private List<String> keys(byte[] table) throws IOException {
    Files.write(index, table);
    return CheckpointIndex.read(prefix).entries().stream().map(e -> e.key()).toList();
  }

  private void refused(String message, byte[] table) {
    assertEquals(
        index + " must " + message,
        assertThrows(IllegalArgumentException.class, () -> keys(table)).getMessage());
  }

  private void refusedBlock(String message, byte[] block) {
    refused(message, table(List.of("z"), List.of(block)));
  }

  @Test
  void wholeTablesAreRead() throws IOException {
    byte[] ab = joined(tensor("a"), entry(1, utf8("b"), TENSOR));
    assertEquals(List.of("a", "ab"), keys(table(List.of("ab"), List.of(block(HEADER, ab)))));
    byte[] two = joined(HEADER, tensor("a"), ints(0, HEADER.length, 2));
    assertEquals(List.of("a"), keys(table(List.of("a"), List.of(two))), "two restarts");
    assertEquals(
        List.of("a", "c"),
        keys(table(List.of("b", "c"), List.of(block(HEADER, tensor("a")), block(tensor("c"))))));
  }

  @Test
  void theFooterIsChecked() {
    byte[] whole = table(List.of("z"), List.of(block(HEADER)));
    byte[] other = whole.clone();
    other[other.length - 1] ^= 1;
    refused("end with the magic number db4775248b80fb57, got da4775248b80fb57", other);
    String inside = "have its blocks before the footer at byte 100, got one of ";
    byte[] filler = new byte[100];
    for (long[] handle :
        new long[][] {
          {0, 96}, {96, 0}, {100, 100}, {Long.MAX_VALUE, 8}, {8, Long.MAX_VALUE},
        }) {
      refused(
          inside + handle[1] + " bytes at byte " + handle[0],
          joined(filler, footer(varints(handle[0], handle[1], 0, 0))));
      refused(
          inside + handle[1] + " bytes at byte " + handle[0],
          joined(filler, footer(varints(0, 0, handle[0], handle[1]))));
    }
    refused(
        "have its blocks before the footer at byte 0, got one of 0 bytes at byte 0",
        footer(varints(0, 0, 0, 0)));
    byte[] endless = new byte[40];
    Arrays.fill(endless, (byte) 0x80);
    refused("have a number of at most 9 bytes at byte 0, got one without an end", footer(endless));
    refused(
        "have a number of at most 9 bytes at byte 0, got one without an end",
        footer(varints(-1, 1)));
  }

  @Test
  void blocksAreWholeAndUncompressed() {
    byte[] table = table(List.of("z"), List.of(block(HEADER, tensor("a"))));
    byte[] damaged = table.clone();
    damaged[5] ^= 4;
    assertEquals(
        index + " must have the checksum ",
        String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> keys(damaged)).getMessage())
            .replaceFirst("[0-9a-f]{8} behind the block at byte 0, got [0-9a-f]{8}$", ""));

    byte[] data = block(HEADER);
    byte[] handle = entry(0, utf8("z"), varints(0, data.length));
    refused(
        "have blocks without compression, which is 0, got 1 at byte " + data.length,
        indexed(withTrailer(data, 1), block(handle)));
    refusedBlock("have a block at byte 0, got 3 bytes", new byte[3]);
    refused(
        "have a number of at most 9 bytes at byte "
            + (data.length + 23)
            + ", got one without an end",
        indexed(withTrailer(data, 0), block(entry(0, utf8("z"), varints(0)))));
  }

  @Test
  void manyCannotNameOneBlock() {
    byte[] data = block(HEADER);
    byte[] handle = varints(0, data.length);
    byte[] twice = block(entry(0, utf8("y"), handle), entry(0, utf8("z"), handle));
    refused(
        "have blocks one behind the other, got one at byte 0 behind byte " + (data.length + 5),
        indexed(withTrailer(data, 0), twice));
  }

  @Test
  void entriesStayInTheirBlock() {
    int at = HEADER.length;
    String leaves =
        "have entries within their blocks, got one at byte " + at + " that leaves its block";
    refusedBlock(leaves, block(HEADER, varints(0, 1, 0)));
    refusedBlock(leaves, block(HEADER, varints(0, 0, 1)));
    refusedBlock(leaves, block(HEADER, varints(0, Integer.MAX_VALUE, Integer.MAX_VALUE)));
    refusedBlock(
        "have a number of at most 5 bytes at byte " + at + ", got one without an end",
        block(HEADER, new byte[] {(byte) 0x80}));
    refusedBlock(
        "have a number of at most 5 bytes at byte " + at + ", got one without an end",
        block(HEADER, varints(1L << 35)));
    refusedBlock(
        "have numbers below 2^31 at byte " + at + ", got the number 2147483648",
        block(HEADER, varints(1L << 31)));
    refusedBlock(
        "share bytes with the key before at byte " + at + ", got 1 of 0",
        block(HEADER, entry(1, NONE, TENSOR)));
  }

  /** TensorFlow's reader jumps to restarts unchecked. */
  @Test
  void restartsAreWhereEntriesBegin() {
    byte[] entries = joined(HEADER, tensor("a"));
    for (int[] restarts :
        new int[][] {
          {1, 1},
          {-1, 1},
          {0, 0, 2},
          {0, 1, 2},
          {0, HEADER.length, 1 << 20, 3},
          {HEADER.length, 0, 2},
        }) {
      refusedBlock(
          "have restarts where entries begin, got others in the block at byte 0",
          joined(entries, ints(restarts)));
    }
    refusedBlock("have restarts where entries begin, got others in the block at byte 0", block());
    byte[] sharing = joined(HEADER, tensor("a"), entry(1, utf8("b"), TENSOR));
    int at = entries.length;
    refusedBlock(
        "share no bytes of keys at restarts, got 1 at byte " + at, joined(sharing, ints(0, at, 2)));
    for (int count : new int[] {0, 3, -1}) {
      refusedBlock(
          "have 1 to 2 restarts in the block at byte 0, got " + Integer.toUnsignedLong(count),
          joined(new byte[8], ints(count)));
    }
  }

  @Test
  void keysAreStrictlyIncreasing() {
    String increasing = "have strictly increasing keys, got one in the block at byte ";
    String behind = " that is not behind the one before";
    refusedBlock(increasing + 0 + behind, block(HEADER, tensor("b"), tensor("a")));
    refusedBlock(increasing + 0 + behind, block(HEADER, tensor("a"), tensor("a")));
    refusedBlock(increasing + 0 + behind, block(HEADER, HEADER));
    byte[] first = block(HEADER, tensor("a"));
    refused(
        increasing + (first.length + 5) + behind,
        table(List.of("c", "d"), List.of(first, block(tensor("b")))));
    refused(
        "have no key behind that of its block in the index, got one in the block at byte 0",
        table(List.of("Z"), List.of(first)));
  }

  /** A long key, then ever more that are a byte longer each. */
  @Test
  void smallFilesDoNotMakeMuchOfSharedKeys() {
    List<byte[]> entries = new ArrayList<>(List.of(HEADER));
    String key = "k".repeat(1000);
    entries.add(tensor(key));
    for (int i = 0; i < 1000; i++) {
      entries.add(entry(1000 + i, utf8("k"), NONE));
    }
    byte[] block = block(entries.toArray(new byte[0][]));
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> keys(table(List.of("z"), List.of(block))))
                .getMessage());
    assertEquals(
        index + " must repeat the bytes of keys at most 16 times, got more at byte ",
        message.replaceFirst("[0-9]+$", ""));
  }
}
