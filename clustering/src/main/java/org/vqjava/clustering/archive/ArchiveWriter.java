/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.vqjava.formats.ArchiveRecord;
import org.vqjava.formats.BlockValues;
import org.vqjava.formats.ClusteredValues;
import org.vqjava.formats.Coding;
import org.vqjava.formats.EndRecord;
import org.vqjava.formats.Layout;
import org.vqjava.formats.NumberType;
import org.vqjava.formats.PlainValues;
import org.vqjava.formats.TensorRecord;

/**
 * Writes archives.
 *
 * <pre>{@code
 * ArchiveWriter.write(
 *     Path.of("network.vqa"),
 *     List.of(ArchivedTensor.Clustered.of(kernel, session), new ArchivedTensor.Plain("bias", shape, bias)),
 *     ArchiveOptions.defaults());
 * }</pre>
 */
public final class ArchiveWriter {
  /** A record has below 2³¹ bytes; this leaves a megabyte for its name and shape. */
  private static final long MOST_PLAIN = (1L << 29) - (1 << 18);

  private ArchiveWriter() {}

  /**
   * Writes an archive, whole or not at all: to a file beside, which is renamed when it is on the
   * disk.
   *
   * <p>Its size: for each tensor ⌈bits · n / 8⌉ bytes for indices of ⌈log₂ k⌉ bits, or less with
   * entropy coding, the centroids', the name's, and some thirty; twenty for the rest.
   *
   * @param file takes the archive; one that is there is replaced
   * @param tensors of different names
   * @param options how it is written
   * @throws IllegalArgumentException if two tensors have one name, a centroid is too large for 16
   *     bits, or a plain tensor has nearly 2²⁹ numbers or more
   * @throws IOException if it cannot be written
   */
  public static void write(
      Path file, List<? extends ArchivedTensor> tensors, ArchiveOptions options)
      throws IOException {
    Set<String> names = new HashSet<>();
    for (ArchivedTensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("names must differ, got " + tensor.name() + " twice");
      }
      if (tensor instanceof ArchivedTensor.Plain && tensor.shape().size() > MOST_PLAIN) {
        throw new IllegalArgumentException(
            tensor.name()
                + " must have at most "
                + MOST_PLAIN
                + " numbers to be stored as it is, got "
                + tensor.shape().size());
      }
    }
    WholeFile.write(
        file,
        channel -> {
          write(
              channel,
              littleEndian(ArchiveFormat.HEADER_BYTES)
                  .put(ArchiveFormat.MAGIC)
                  .putInt(ArchiveFormat.VERSION));
          for (ArchivedTensor tensor : tensors) {
            write(channel, ArchiveRecord.newBuilder().setTensor(record(tensor, options)).build());
          }
          EndRecord end = EndRecord.newBuilder().setTensors(tensors.size()).build();
          write(channel, ArchiveRecord.newBuilder().setEnd(end).build());
        });
  }

  private static void write(FileChannel channel, ArchiveRecord record) throws IOException {
    byte[] bytes = record.toByteArray();
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    write(
        channel,
        littleEndian(ArchiveFormat.FRAME_BYTES)
            .putInt(bytes.length)
            .putInt((int) checksum.getValue()));
    write(channel, ByteBuffer.wrap(bytes).position(bytes.length));
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    bytes.flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static TensorRecord record(ArchivedTensor tensor, ArchiveOptions options) {
    TensorRecord.Builder record = TensorRecord.newBuilder().setName(tensor.name());
    for (long size : tensor.shape().asArray()) {
      record.addShape(size);
    }
    if (tensor instanceof ArchivedTensor.Plain plain) {
      Coded numbers = Coded.of(Packing.floats(plain.values()), options);
      record.setPlain(
          PlainValues.newBuilder().setCoding(numbers.coding()).setNumbers(numbers.bytes()));
    } else if (tensor instanceof ArchivedTensor.Clustered clustered) {
      Coded indices = Coded.of(Packing.pack(clustered.indices()), options);
      record.setClustered(
          ClusteredValues.newBuilder()
              .setClusters(clustered.indices().centroids())
              .setChannels(clustered.channels())
              .setCentroidType(type(options))
              .setCentroids(centroids(tensor.name(), clustered.centroids(), options))
              .setCoding(indices.coding())
              .setIndices(indices.bytes()));
    } else if (tensor instanceof ArchivedTensor.Blocks blocks) {
      var weight = blocks.weight();
      Coded indices = Coded.of(Packing.pack(weight.assignments()), options);
      record.setBlocks(
          BlockValues.newBuilder()
              .setClusters(weight.assignments().centroids())
              .setBlockSize(weight.blockSize())
              .setLayout(Layout.valueOf(weight.layout().name()))
              .setCentroidType(type(options))
              .setCentroids(centroids(tensor.name(), weight.centroids(), options))
              .setCoding(indices.coding())
              .setIndices(indices.bytes()));
    }
    return record.build();
  }

  private record Coded(Coding coding, ByteString bytes) {
    static Coded of(byte[] bytes, ArchiveOptions options) {
      byte[] shorter = options.deflate() ? Packing.deflate(bytes) : bytes;
      return shorter.length < bytes.length
          ? new Coded(Coding.DEFLATE, UnsafeByteOperations.unsafeWrap(shorter))
          : new Coded(Coding.RAW, UnsafeByteOperations.unsafeWrap(bytes));
    }
  }

  private static NumberType type(ArchiveOptions options) {
    return options.halfCentroids() ? NumberType.FLOAT16 : NumberType.FLOAT32;
  }

  private static ByteString centroids(String name, float[] values, ArchiveOptions options) {
    if (!options.halfCentroids()) {
      return UnsafeByteOperations.unsafeWrap(Packing.floats(values));
    }
    byte[] halves = Packing.halves(values);
    float[] back = Packing.fromHalves(halves);
    for (int i = 0; i < values.length; i++) {
      if (Float.isFinite(values[i]) && !Float.isFinite(back[i])) {
        throw new IllegalArgumentException(
            name + ": centroids must be at most 65504 to be stored in 16 bits, got " + values[i]);
      }
    }
    return UnsafeByteOperations.unsafeWrap(halves);
  }
}
