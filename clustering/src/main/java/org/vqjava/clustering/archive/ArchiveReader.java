/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.pq.Assignments;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.QuantizedWeight;
import org.vqjava.formats.ArchiveRecord;
import org.vqjava.formats.BlockValues;
import org.vqjava.formats.ClusteredValues;
import org.vqjava.formats.Coding;
import org.vqjava.formats.Layout;
import org.vqjava.formats.NumberType;
import org.vqjava.formats.PlainValues;
import org.vqjava.formats.TensorRecord;

/**
 * Reads archives. A file is checked before it is believed: its magic number, version, lengths,
 * checksums, shapes, sizes and indices; what is wrong is an {@link IllegalArgumentException} that
 * names it. A hostile file cannot make it allocate more than the file's own size beside the decoded
 * size that it declares, and that is limited.
 *
 * <pre>{@code
 * for (ArchivedTensor tensor : ArchiveReader.read(Path.of("network.vqa"))) {
 *   float[] values = tensor.decode();
 * }
 * }</pre>
 */
public final class ArchiveReader {
  /** The most bytes that an archive may decode to, if nothing else is said: 2 GiB. */
  public static final long DEFAULT_LIMIT = 2L << 30;

  private final Path file;
  private final long limit;
  private long declared;

  /**
   * A tensor, and what it takes in the file.
   *
   * @param tensor the tensor
   * @param storedBytes of its record, name and shape included
   */
  public record Entry(ArchivedTensor tensor, long storedBytes) {}

  private ArchiveReader(Path file, long limit) {
    this.file = file;
    this.limit = limit;
  }

  /**
   * Reads an archive that decodes to 2 GiB at most.
   *
   * @param file an archive
   * @return its tensors, in their order
   * @throws IllegalArgumentException if it is no archive, of another version, or damaged
   * @throws IOException if it cannot be read
   */
  public static List<ArchivedTensor> read(Path file) throws IOException {
    return read(file, DEFAULT_LIMIT);
  }

  /**
   * Reads an archive.
   *
   * @param file an archive
   * @param limit the most bytes that all tensors may decode to
   * @return its tensors, in their order
   * @throws IllegalArgumentException if it is no archive, of another version, damaged, or decodes
   *     to more
   * @throws IOException if it cannot be read
   */
  public static List<ArchivedTensor> read(Path file, long limit) throws IOException {
    return entries(file, limit).stream().map(Entry::tensor).toList();
  }

  /**
   * Reads an archive, and tells what each tensor takes in it.
   *
   * @param file an archive
   * @param limit the most bytes that all tensors may decode to
   * @return its tensors, in their order
   * @throws IllegalArgumentException as {@link #read(Path, long)}
   * @throws IOException if it cannot be read
   */
  public static List<Entry> entries(Path file, long limit) throws IOException {
    return new ArchiveReader(file, limit).entries();
  }

  private List<Entry> entries() throws IOException {
    if (Files.isDirectory(file)) {
      throw wrong("be a codebook archive, got a folder");
    }
    List<Entry> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long left = Files.size(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (left < ArchiveFormat.HEADER_BYTES
          || !Arrays.equals(in.readNBytes(ArchiveFormat.MAGIC.length), ArchiveFormat.MAGIC)) {
        throw wrong("be a codebook archive, but its first bytes are not an archive's");
      }
      int version = Integer.reverseBytes(in.readInt());
      if (version != ArchiveFormat.VERSION) {
        throw wrong(
            "be of version "
                + ArchiveFormat.VERSION
                + ", got "
                + Integer.toUnsignedString(version)
                + "; a newer release may read it");
      }
      left -= ArchiveFormat.HEADER_BYTES;
      while (true) {
        ArchiveRecord record = record(in, left);
        left -= ArchiveFormat.FRAME_BYTES + record.getSerializedSize();
        switch (record.getContentCase()) {
          case TENSOR -> {
            ArchivedTensor tensor = tensor(record.getTensor());
            if (!names.add(tensor.name())) {
              throw wrong("have tensors of different names, got " + tensor.name() + " twice");
            }
            tensors.add(
                new Entry(tensor, ArchiveFormat.FRAME_BYTES + (long) record.getSerializedSize()));
          }
          case END -> {
            int count = record.getEnd().getTensors();
            if (count != tensors.size()) {
              throw wrong(
                  "have the tensors that it declares, "
                      + Integer.toUnsignedString(count)
                      + ", got "
                      + tensors.size());
            }
            if (in.read() >= 0) {
              throw wrong("end after its last record, got more bytes");
            }
            return tensors;
          }
          default -> throw wrong("have records of tensors, got one of another kind");
        }
      }
    }
  }

  private ArchiveRecord record(DataInputStream in, long left) throws IOException {
    if (left < ArchiveFormat.FRAME_BYTES) {
      throw wrong("end with an end record, but was cut short");
    }
    long length = Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    int expected = Integer.reverseBytes(in.readInt());
    if (length > left - ArchiveFormat.FRAME_BYTES || length > Integer.MAX_VALUE - 8) {
      throw wrong(
          "have the "
              + length
              + " bytes that a record declares, got "
              + (left - ArchiveFormat.FRAME_BYTES)
              + ": cut short or damaged");
    }
    byte[] bytes = in.readNBytes((int) length);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    if (bytes.length < length || (int) checksum.getValue() != expected) {
      throw wrong("have records that their checksums confirm, got one that was damaged");
    }
    try {
      ArchiveRecord record = ArchiveRecord.parseFrom(bytes);
      if (record.getSerializedSize() != length) {
        throw wrong("have records in their shortest form, got a longer one");
      }
      return record;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          file + " must have records that can be parsed: " + e.getMessage(), e);
    }
  }

  private ArchivedTensor tensor(TensorRecord record) {
    String name = record.getName();
    if (name.isEmpty()) {
      throw wrong("name its tensors, got one without a name");
    }
    try {
      Shape shape = shape(record);
      return switch (record.getValuesCase()) {
        case PLAIN -> plain(name, shape, record.getPlain());
        case CLUSTERED -> clustered(name, shape, record.getClustered());
        case BLOCKS -> blocks(name, shape, record.getBlocks());
        default -> throw new IllegalArgumentException("values must be of a known kind");
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + " must have tensors in order; " + name + ": " + e.getMessage(), e);
    }
  }

  /** Adds to what is declared, and refuses what is too much, before anything is allocated. */
  private Shape shape(TensorRecord record) {
    long size = 1;
    long[] sizes = new long[record.getShapeCount()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = record.getShape(i);
      if (sizes[i] < 1 || sizes[i] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "sizes must be from 1 to 2^31 - 1, got " + Long.toUnsignedString(sizes[i]));
      }
      size *= sizes[i];
      if (size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("shape must be of at most 2^31 - 1 numbers");
      }
    }
    declared += size * Float.BYTES;
    if (declared > limit) {
      throw new IllegalArgumentException(
          "all tensors must decode to at most " + limit + " bytes, got " + declared + " or more");
    }
    return Shape.of(sizes);
  }

  private static ArchivedTensor plain(String name, Shape shape, PlainValues values) {
    long bytes = shape.size() * Float.BYTES;
    byte[] numbers = decoded(values.getCoding(), values.getNumbers(), bytes, "numbers");
    return new ArchivedTensor.Plain(name, shape, Packing.floats(numbers));
  }

  private static ArchivedTensor clustered(String name, Shape shape, ClusteredValues values) {
    int channels = values.getChannels();
    int clusters = positive("clusters", values.getClusters());
    long last = shape.numDimensions() == 0 ? 0 : shape.get(shape.numDimensions() - 1);
    if (channels != 0 && channels != last) {
      throw new IllegalArgumentException(
          "channels must be 0 or the last size of "
              + shape
              + ", got "
              + Integer.toUnsignedString(channels));
    }
    float[] centroids =
        centroids(
            values.getCentroidType(),
            values.getCentroids(),
            (long) Math.max(1, channels) * clusters);
    Assignments indices = indices(values.getCoding(), values.getIndices(), shape.size(), clusters);
    return new ArchivedTensor.Clustered(name, shape, channels, centroids, indices);
  }

  private static ArchivedTensor blocks(String name, Shape shape, BlockValues values) {
    int clusters = positive("clusters", values.getClusters());
    int blockSize = positive("block size", values.getBlockSize());
    if (values.getLayout() == Layout.UNRECOGNIZED) {
      throw new IllegalArgumentException("layout must be a known one");
    }
    BlockLayout layout = BlockLayout.valueOf(values.getLayout().name());
    int count = layout.blocks(shape, blockSize);
    float[] centroids =
        centroids(values.getCentroidType(), values.getCentroids(), (long) clusters * blockSize);
    Assignments assignments = indices(values.getCoding(), values.getIndices(), count, clusters);
    return new ArchivedTensor.Blocks(
        name, new QuantizedWeight(shape, layout, blockSize, centroids, assignments));
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          what + " must be from 1 to 2^31 - 1, got " + Integer.toUnsignedString(value));
    }
    return value;
  }

  private static float[] centroids(NumberType type, ByteString bytes, long count) {
    int width =
        switch (type) {
          case FLOAT32 -> Float.BYTES;
          case FLOAT16 -> Short.BYTES;
          default -> throw new IllegalArgumentException("centroids must be of a known type");
        };
    if (bytes.size() != count * width) {
      throw new IllegalArgumentException(
          "centroids must have " + count * width + " bytes, got " + bytes.size());
    }
    byte[] values = bytes.toByteArray();
    return type == NumberType.FLOAT16 ? Packing.fromHalves(values) : Packing.floats(values);
  }

  private static Assignments indices(Coding coding, ByteString bytes, long count, int clusters) {
    long packed = Packing.packedBytes(count, Packing.bits(clusters));
    return Packing.unpack(
        decoded(coding, bytes, packed, "indices"), Math.toIntExact(count), clusters);
  }

  private static byte[] decoded(Coding coding, ByteString bytes, long length, String what) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(what + " must have below 2^31 bytes, got " + length);
    }
    return switch (coding) {
      case RAW -> {
        if (bytes.size() != length) {
          throw new IllegalArgumentException(
              what + " must have " + length + " bytes, got " + bytes.size());
        }
        yield bytes.toByteArray();
      }
      case DEFLATE -> Packing.inflate(bytes.toByteArray(), (int) length);
      default -> throw new IllegalArgumentException(what + " must be coded in a known way");
    };
  }

  private IllegalArgumentException wrong(String condition) {
    return new IllegalArgumentException(file + " must " + condition);
  }
}
