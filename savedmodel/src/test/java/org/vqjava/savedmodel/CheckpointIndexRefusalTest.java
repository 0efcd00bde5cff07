/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TensorSliceProto;
import org.tensorflow.proto.VersionDef;

/** What a checkpoint's messages must not say. */
class CheckpointIndexRefusalTest {
  private static final BundleHeaderProto HEADER =
      BundleHeaderProto.newBuilder().setNumShards(1).build();
  private static final int DATA_BYTES = 100;

  private final Path prefix;
  private final Path index;
  private final Path data;

  CheckpointIndexRefusalTest(@TempDir Path directory) throws IOException {
    this.prefix = directory.resolve("saved");
    this.index = directory.resolve("saved.index");
    this.data = directory.resolve("saved.data-00000-of-00001");
    Files.write(data, new byte[DATA_BYTES]);
  }

  private static TensorShapeProto shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return shape.build();
  }

  /** Three numbers in bytes 4 to 15. */
  private static BundleEntryProto.Builder tensor() {
    return BundleEntryProto.newBuilder()
        .setDtype(DataType.DT_FLOAT)
        .setShape(shape(3))
        .setOffset(4)
        .setSize(12);
  }

  private CheckpointIndex read(String key, MessageLite header, MessageLite entry)
      throws IOException {
    TreeMap<String, MessageLite> messages = new TreeMap<>();
    messages.put("", header);
    messages.put(key, entry);
    Files.write(index, TableBytes.table(messages));
    return CheckpointIndex.read(prefix);
  }

  private CheckpointIndex.Entry read(BundleEntryProto.Builder entry) throws IOException {
    return read("t", HEADER, entry.build()).find("t").orElseThrow();
  }

  private void refused(String message, BundleEntryProto.Builder entry) {
    refused(index, message, "t", HEADER, entry.build());
  }

  private void refused(
      Path file, String message, String key, MessageLite header, MessageLite entry) {
    assertEquals(
        file + " must " + message,
        assertThrows(IllegalArgumentException.class, () -> read(key, header, entry)).getMessage());
  }

  private void refusedAsItIs(Path file, String message) {
    assertEquals(
        file + " must " + message,
        assertThrows(IllegalArgumentException.class, () -> CheckpointIndex.read(prefix))
            .getMessage());
  }

  @Test
  void whatIsRightIsRead() throws IOException {
    assertEquals(
        new CheckpointIndex.Entry("t", DataType.DT_FLOAT, Shape.of(3), 0, 4, 12, false),
        read(tensor()));
    assertEquals(
        DATA_BYTES - 12, read(tensor().setOffset(DATA_BYTES - 12)).offset(), "up to the end");
  }

  @Test
  void headersAreOfThisFormat() {
    BundleHeaderProto.Builder header = HEADER.toBuilder();
    for (int shards : new int[] {-1, 0, 100_001}) {
      refusedHeader("have 1 to 100000 shards, got " + shards, header.clone().setNumShards(shards));
    }
    refusedHeader(
        "be little-endian, which is 0, got 1",
        header.clone().setEndianness(BundleHeaderProto.Endianness.BIG));
    refusedHeader("be little-endian, which is 0, got 9", header.clone().setEndiannessValue(9));
    for (VersionDef.Builder version :
        new VersionDef.Builder[] {
          VersionDef.newBuilder().setMinConsumer(2),
          VersionDef.newBuilder().setMinConsumer(2).setProducer(-1),
          VersionDef.newBuilder().setMinConsumer(2).addBadConsumers(1),
        }) {
      refusedHeader(
          "be for readers of version 1, got one for 2 without " + version.getBadConsumersList(),
          header.clone().setVersion(version));
    }
    refusedHeader(
        "be for readers of version 1, got one for 0 without [1]",
        header.clone().setVersion(VersionDef.newBuilder().addBadConsumers(1)));
    refusedHeader(
        "be for readers of version 1, got one for 0 without []",
        header.clone().setVersion(VersionDef.newBuilder().setProducer(-1)));
  }

  private void refusedHeader(String message, BundleHeaderProto.Builder header) {
    refused(index, message, "t", header.build(), tensor().build());
  }

  @Test
  void headerAndEntriesAreMessages() throws IOException {
    TreeMap<String, MessageLite> headless = new TreeMap<>();
    headless.put("t", tensor().build());
    Files.write(index, TableBytes.table(headless));
    refusedAsItIs(index, "have a header at the empty key, got none");

    Files.write(index, oneEntry("t", new byte[] {8}));
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> CheckpointIndex.read(prefix))
                .getMessage());
    String expected = index + " must have a whole message for 't', got ";
    assertEquals(expected, message.substring(0, expected.length()));

    Files.write(index, oneEntry("t", new byte[(1 << 20) + 1]));
    refusedAsItIs(index, "tell of 't' in at most 1048576 bytes, got 1048577");

    byte[] notUtf8 = TableBytes.entry(0, new byte[] {'a', (byte) 0xff, '\n'}, new byte[0]);
    Files.write(index, oneEntry(notUtf8));
    refusedAsItIs(index, "have keys in UTF-8, got 'a??'");

    String key = "k".repeat(200);
    refused(
        index,
        "give '" + "k".repeat(80) + "…' a type that can be stored, got DT_INVALID",
        key,
        HEADER,
        BundleEntryProto.getDefaultInstance());
  }

  private static byte[] oneEntry(String key, byte[] value) {
    return oneEntry(TableBytes.entry(0, TableBytes.utf8(key), value));
  }

  private static byte[] oneEntry(byte[] entry) {
    byte[] header = TableBytes.entry(0, new byte[0], HEADER.toByteArray());
    return TableBytes.table(List.of("z"), List.of(TableBytes.block(header, entry)));
  }

  @Test
  void typesAreThoseThatCanBeStored() throws IOException {
    refused("give 't' a type that can be stored, got 99", tensor().setDtypeValue(99));
    for (DataType type :
        new DataType[] {DataType.DT_INVALID, DataType.DT_RESOURCE, DataType.DT_FLOAT_REF}) {
      refused("give 't' a type that can be stored, got " + type, tensor().setDtype(type));
    }
    for (DataType type : new DataType[] {DataType.DT_INT4, DataType.DT_COMPLEX128}) {
      int each = type == DataType.DT_INT4 ? 1 : 16;
      BundleEntryProto.Builder entry = tensor().setDtype(type);
      assertEquals(3L * each, read(entry.clone().setSize(3L * each)).size());
      refused(
          "give 't' 3 elements of " + each + " bytes each, got 17 bytes",
          entry.clone().setSize(17));
    }
  }

  @Test
  void placesAreWithinTheirShards() throws IOException {
    for (int shard : new int[] {-1, 1}) {
      refused("give 't' a shard from 0 to 0, got " + shard, tensor().setShardId(shard));
    }
    refused("give 't' an offset of at least 0, got -1", tensor().setOffset(-1));
    for (long offset : new long[] {DATA_BYTES - 11, Long.MAX_VALUE - 11, Long.MAX_VALUE}) {
      refused(
          data,
          "have the 12 bytes from " + offset + " of the index, got 100 bytes",
          "t",
          HEADER,
          tensor().setOffset(offset).build());
    }
    refused(
        data,
        "have the 104 bytes from 4 of the index, got 100 bytes",
        "t",
        HEADER,
        tensor().setShape(shape(26)).setSize(104).build());

    BundleHeaderProto two = HEADER.toBuilder().setNumShards(2).build();
    Path second = prefix.resolveSibling("saved.data-00001-of-00002");
    refused(second, "be a regular file, got none", "t", two, tensor().setShardId(1).build());
    Files.createDirectory(second);
    refusedAsItIs(second, "be a regular file, got another");
    Files.delete(second);
    Files.write(second, new byte[16]);
    assertEquals(1, CheckpointIndex.read(prefix).find("t").orElseThrow().shard());
  }

  @Test
  void shapesAndSizesAgree() throws IOException {
    for (long size : new long[] {-12, 0, 11, 13, 16, Long.MIN_VALUE}) {
      refused(
          "give 't' 3 elements of 4 bytes each, got " + size + " bytes", tensor().setSize(size));
    }
    refused(
        "give 't' 4611686018427387904 elements of 4 bytes each, got 0 bytes",
        tensor().setShape(shape(1L << 62)).setSize(0));
    refused("give 't' dimensions of at least 0, got -1", tensor().setShape(shape(2, -1)));
    refused(
        "give 't' fewer than 2^63 elements, got [4294967296, 2147483648, 0]",
        tensor().setShape(shape(1L << 32, 1L << 31, 0)).setSize(0));
    assertEquals(0, read(tensor().setShape(shape(0, 1L << 62, 4)).setSize(0)).size());
    refused(
        "give 't' a shape, got an unknown rank",
        tensor().setShape(TensorShapeProto.newBuilder().setUnknownRank(true)));
    refused("give 't' at most 254 dimensions, got 255", tensor().setShape(shape(new long[255])));
    assertEquals(
        254, read(tensor().setShape(shape(new long[254])).setSize(0)).shape().numDimensions());
    for (DataType type : new DataType[] {DataType.DT_STRING, DataType.DT_VARIANT}) {
      assertEquals(12, read(tensor().setDtype(type)).size());
      refused(
          "give 't' at least 3 elements of 1 bytes each, got 2 bytes",
          tensor().setDtype(type).setSize(2));
      refused(
          "give 't' at least 0 elements of 1 bytes each, got -2 bytes",
          tensor().setDtype(type).setShape(shape(0)).setSize(-2));
    }
  }

  private static TensorSliceProto.Extent.Builder extent(long start) {
    return TensorSliceProto.Extent.newBuilder().setStart(start);
  }

  @Test
  void slicesAreWithinTheirTensor() throws IOException {
    BundleEntryProto.Builder entry = tensor().setSize(0).setOffset(0);
    TensorSliceProto.Builder all = TensorSliceProto.newBuilder().addExtent(extent(0));
    assertEquals(true, read(entry.clone().addSlices(all)).partitioned());
    refused("keep 't' in slices alone, got 12 bytes", entry.clone().setSize(12).addSlices(all));
    refused(
        index,
        "keep '?t' in slices alone, got 0 bytes",
        "\0t",
        HEADER,
        entry.clone().addSlices(all).build());
    refused(
        "give slices of 't' 1 extents, got 2",
        entry.clone().addSlices(all.clone().addExtent(extent(0))));
    for (TensorSliceProto.Extent.Builder wrong :
        new TensorSliceProto.Extent.Builder[] {
          extent(-1).setLength(2),
          extent(0).setLength(-1),
          extent(0).setLength(4),
          extent(2).setLength(2),
          extent(Long.MAX_VALUE).setLength(1),
        }) {
      refused(
          "give 't' slices within its shape [3], got "
              + wrong.getLength()
              + " from "
              + wrong.getStart(),
          entry.clone().addSlices(TensorSliceProto.newBuilder().addExtent(wrong)));
    }
    refused(
        index, "give '?t' 3 elements of 4 bytes each, got 0 bytes", "\0t", HEADER, entry.build());
    assertEquals(
        0, read("\0t", HEADER, tensor().build()).entries().size(), "slices are not listed");
  }
}
