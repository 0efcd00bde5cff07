/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.List;
import java.util.regex.Pattern;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TensorSliceProto;
import org.tensorflow.proto.VersionDef;

/** The messages in a checkpoint's index: what it says of itself and of each tensor. */
final class BundleMessages {
  private static final int VERSION = 1;
  private static final int MOST_SHARDS = 100_000;
  private static final int MOST_DIMENSIONS = 254; // that a tensor can have
  private static final int MOST_BYTES = 1 << 20; // objects of a message take many times as much
  private static final int MOST_SHOWN = 80;
  private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\ufffd]");

  private final FileChecks file;

  BundleMessages(FileChecks file) {
    this.file = file;
  }

  /** How many shards of data there are. */
  int shards(List<TableEntry> entries) {
    file.must(
        !entries.isEmpty() && entries.get(0).key().isEmpty(),
        "have a header at the empty key",
        "none");
    BundleHeaderProto header = parsed(BundleHeaderProto.parser(), entries.get(0));
    int shards = header.getNumShards();
    file.must(shards >= 1 && shards <= MOST_SHARDS, "have 1 to " + MOST_SHARDS + " shards", shards);
    file.must(
        header.getEndianness() == BundleHeaderProto.Endianness.LITTLE,
        "be little-endian, which is 0",
        header.getEndiannessValue());
    VersionDef version = header.getVersion();
    file.must(
        version.getProducer() >= 0
            && version.getMinConsumer() <= VERSION
            && !version.getBadConsumersList().contains(VERSION),
        "be for readers of version " + VERSION,
        "one for " + version.getMinConsumer() + " without " + version.getBadConsumersList());
    return shards;
  }

  /** Slices of partitioned tensors have keys that no tensor has. */
  static boolean isSlice(ByteString key) {
    return key.byteAt(0) == 0;
  }

  CheckpointIndex.Entry tensor(TableEntry tableEntry, int shards) {
    ByteString key = tableEntry.key();
    String shown = shown(key);
    file.must(isSlice(key) || key.isValidUtf8(), "have keys in UTF-8", shown);
    BundleEntryProto entry = parsed(BundleEntryProto.parser(), tableEntry);
    DataType type = entry.getDtype();
    file.must(
        ElementBytes.known(type),
        "give " + shown + " a type that can be stored",
        type == DataType.UNRECOGNIZED ? entry.getDtypeValue() : type);
    int shard = entry.getShardId();
    file.must(
        shard >= 0 && shard < shards,
        "give " + shown + " a shard from 0 to " + (shards - 1),
        shard);
    Shape shape = shape(shown, entry.getShape());
    long offset = entry.getOffset();
    long size = entry.getSize();
    file.must(offset >= 0, "give " + shown + " an offset of at least 0", offset);
    boolean partitioned = entry.getSlicesCount() > 0;
    if (partitioned) {
      file.must(!isSlice(key) && size == 0, "keep " + shown + " in slices alone", size + " bytes");
      entry.getSlicesList().forEach(slice -> checkSlice(shown, slice, shape));
    } else {
      checkSize(shown, type, shape.size(), size);
    }
    return new CheckpointIndex.Entry(
        key.toStringUtf8(), type, shape, shard, offset, size, partitioned);
  }

  private <M> M parsed(Parser<M> parser, TableEntry entry) {
    String shown = shown(entry.key());
    int size = entry.value().size();
    file.must(
        size <= MOST_BYTES, "tell of " + shown + " in at most " + MOST_BYTES + " bytes", size);
    try {
      return parser.parseFrom(entry.value());
    } catch (InvalidProtocolBufferException e) {
      throw file.refused("have a whole message for " + shown, String.valueOf(e.getMessage()));
    }
  }

  private Shape shape(String shown, TensorShapeProto proto) {
    file.must(!proto.getUnknownRank(), "give " + shown + " a shape", "an unknown rank");
    int rank = proto.getDimCount();
    file.must(
        rank <= MOST_DIMENSIONS,
        "give " + shown + " at most " + MOST_DIMENSIONS + " dimensions",
        rank);
    long[] sizes = proto.getDimList().stream().mapToLong(TensorShapeProto.Dim::getSize).toArray();
    Shape shape = Shape.of(sizes);
    long elements = 1;
    for (long size : sizes) {
      file.must(size >= 0, "give " + shown + " dimensions of at least 0", size);
      file.must(
          size == 0 || elements <= Long.MAX_VALUE / size,
          "give " + shown + " fewer than 2^63 elements",
          shape);
      elements *= size;
    }
    return shape;
  }

  private void checkSize(String shown, DataType type, long elements, long size) {
    int each = ElementBytes.of(type);
    boolean varies = ElementBytes.varies(type);
    file.must(
        varies ? size >= elements : (size % each == 0) && (size / each == elements),
        "give "
            + shown
            + (varies ? " at least " : " ")
            + elements
            + " elements of "
            + each
            + " bytes each",
        size + " bytes");
  }

  private void checkSlice(String shown, TensorSliceProto slice, Shape shape) {
    int extents = slice.getExtentCount();
    file.must(
        extents == shape.numDimensions(),
        "give slices of " + shown + " " + shape.numDimensions() + " extents",
        extents);
    for (int i = 0; i < extents; i++) {
      TensorSliceProto.Extent extent = slice.getExtent(i);
      long start = extent.getStart();
      long length =
          extent.getHasLengthCase() == TensorSliceProto.Extent.HasLengthCase.LENGTH
              ? extent.getLength()
              : shape.get(i);
      if (start < 0 || length < 0 || length > shape.get(i) || start > shape.get(i) - length) {
        throw file.refused(
            "give " + shown + " slices within its shape " + shape, length + " from " + start);
      }
    }
  }

  private static String shown(ByteString key) {
    String text = key.substring(0, Math.min(key.size(), MOST_SHOWN)).toStringUtf8();
    String cut = key.size() > MOST_SHOWN ? "…" : "";
    return "'" + UNSHOWN.matcher(text).replaceAll("?") + cut + "'";
  }
}
