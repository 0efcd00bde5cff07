/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.pq.Assignments;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.QuantizedWeight;
import org.vqjava.formats.ArchiveRecord;
import org.vqjava.formats.ClusteredValues;
import org.vqjava.formats.EndRecord;
import org.vqjava.formats.PlainValues;
import org.vqjava.formats.TensorRecord;

/** Archives, whole and damaged. */
class ArchiveTest {
  private final Path directory;
  private final Path file;

  ArchiveTest(@TempDir Path directory) {
    this.directory = directory;
    this.file = directory.resolve("network.vqa");
  }

  private static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Assignments random(int count, int k, long seed) {
    Random random = new Random(seed);
    int[] values = new int[count];
    Arrays.setAll(values, i -> random.nextInt(k));
    values[0] = k - 1;
    return new Assignments(values, k);
  }

  static List<ArchivedTensor> tensors() {
    List<ArchivedTensor> all = new ArrayList<>();
    all.add(new ArchivedTensor.Plain("bias", Shape.of(7), normal(7, 1)));
    all.add(new ArchivedTensor.Plain("scalar", Shape.scalar(), new float[] {3}));
    for (int k : new int[] {1, 2, 3, 16, 200, 257}) {
      all.add(
          new ArchivedTensor.Clustered(
              "k" + k, Shape.of(50, 8), 0, normal(k, k), random(400, k, k)));
    }
    all.add(
        new ArchivedTensor.Clustered(
            "per channel", Shape.of(3, 3, 5), 5, normal(20, 2), random(45, 4, 2)));
    for (BlockLayout layout : BlockLayout.values()) {
      Shape shape =
          switch (layout) {
            case DENSE -> Shape.of(18, 6);
            case INPUT_FIRST -> Shape.of(18, 3, 2);
            case ROWS, CONVOLUTION -> Shape.of(3, 3, 2, 6);
          };
      int block = layout == BlockLayout.ROWS ? 4 : 9;
      all.add(
          new ArchivedTensor.Blocks(
              "Blöcke " + layout,
              new QuantizedWeight(
                  shape, layout, block, normal(10 * block, 3), random(108 / block, 10, 3))));
    }
    return all;
  }

  private static void assertSame(List<ArchivedTensor> expected, List<ArchivedTensor> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      ArchivedTensor one = expected.get(i);
      ArchivedTensor other = actual.get(i);
      assertEquals(one.getClass(), other.getClass());
      assertEquals(one.name(), other.name());
      assertEquals(one.shape(), other.shape());
      assertArrayEquals(one.decode(), other.decode(), one.name());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsWrittenIsReadBitForBit(boolean deflate) throws IOException {
    ArchiveOptions options = ArchiveOptions.defaults().withDeflate(deflate);
    ArchiveWriter.write(file, tensors(), options);
    assertSame(tensors(), ArchiveReader.read(file));
    byte[] first = Files.readAllBytes(file);
    ArchiveWriter.write(file, tensors(), options);
    assertArrayEquals(first, Files.readAllBytes(file), "same tensors, same bytes");
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(file), left.toList(), "no temporary file is left");
    }
  }

  /**
   * The promise: ⌈bits · n / 8⌉ + centroids + plain numbers + names + 1 KB + 128 bytes a tensor.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFileIsAsSmallAsItIsSaidToBe(boolean half) throws IOException {
    long most = 1024;
    for (ArchivedTensor tensor : tensors()) {
      most += 128 + tensor.name().getBytes(StandardCharsets.UTF_8).length;
      int width = half ? 2 : 4;
      if (tensor instanceof ArchivedTensor.Plain plain) {
        most += 4L * plain.values().length;
      } else if (tensor instanceof ArchivedTensor.Clustered c) {
        most += bytes(c.indices()) + (long) width * c.centroids().length;
      } else if (tensor instanceof ArchivedTensor.Blocks b) {
        most += bytes(b.weight().assignments()) + (long) width * b.weight().centroids().length;
      }
    }
    for (boolean deflate : new boolean[] {false, true}) {
      ArchiveWriter.write(file, tensors(), new ArchiveOptions(half, deflate));
      long size = Files.size(file);
      long bound = most;
      assertTrue(size <= bound, () -> size + " bytes, at most " + bound);
    }
  }

  private static long bytes(Assignments indices) {
    int bits = (int) Math.ceil(Math.log(indices.centroids()) / Math.log(2));
    return ((long) bits * indices.count() + 7) / 8;
  }

  @Test
  void moreCentroidsThanSixteenBitsHold() throws IOException {
    var tensor =
        new ArchivedTensor.Clustered(
            "k", Shape.of(400), 0, normal(70_000, 1), random(400, 70_000, 1));
    ArchiveWriter.write(file, List.of(tensor), ArchiveOptions.defaults());
    assertSame(List.of(tensor), ArchiveReader.read(file));
  }

  @Test
  void fewDifferentNumbersAreFound() throws IOException {
    float[] few = new float[1000];
    for (int i = 0; i < few.length; i++) {
      few[i] = i % 4 == 3 ? -0.0f : i % 4;
    }
    List<ArchivedTensor> all =
        List.of(
            ArchivedTensor.exact("few", Shape.of(10, 100), few),
            ArchivedTensor.exact("many", Shape.of(1000), normal(1000, 1)));
    assertEquals(4, ((ArchivedTensor.Clustered) all.get(0)).indices().centroids());
    assertTrue(all.get(1) instanceof ArchivedTensor.Plain);
    ArchiveWriter.write(file, all, ArchiveOptions.defaults());
    assertSame(all, ArchiveReader.read(file));
    assertArrayEquals(few, ArchiveReader.read(file).get(0).decode());
    List<ArchiveReader.Entry> entries = ArchiveReader.entries(file, ArchiveReader.DEFAULT_LIMIT);
    long sum = entries.stream().mapToLong(ArchiveReader.Entry::storedBytes).sum();
    assertEquals(Files.size(file) - 12 - 12, sum, "all but the header and the end");
    assertTrue(entries.get(0).storedBytes() < 300 && entries.get(1).storedBytes() > 3000);
  }

  @Test
  void indicesThatRepeatAreCoded() throws IOException {
    var tensor =
        new ArchivedTensor.Clustered(
            "zeros",
            Shape.of(100, 100),
            0,
            new float[] {0, 1},
            new Assignments(new int[10_000], 2));
    ArchiveWriter.write(file, List.of(tensor), ArchiveOptions.defaults());
    assertTrue(Files.size(file) < 120, () -> file.toFile().length() + " bytes");
    assertSame(List.of(tensor), ArchiveReader.read(file));
  }

  @Test
  void halfCentroidsAreTheNearestOfSixteenBits() throws IOException {
    float[] centroids = {1, -1 / 3f, 65504, 1e-7f, 0.1f, 2049, 0, -0.0f};
    var tensor =
        new ArchivedTensor.Clustered(
            "c",
            Shape.of(9),
            0,
            centroids,
            new Assignments(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 0}, 8));
    ArchiveWriter.write(file, List.of(tensor), ArchiveOptions.defaults().withHalfCentroids(true));
    // Computed as IEEE 754 has it: 11 bits, subnormal numbers below 2^-14.
    float[] expected = {1, -0.33325195f, 65504, 1.1920929e-7f, 0.099975586f, 2048, 0, -0.0f, 1};
    assertArrayEquals(expected, ArchiveReader.read(file).get(0).decode());
    var large =
        new ArchivedTensor.Clustered(
            "large", Shape.of(2), 0, new float[] {0, 1e6f}, new Assignments(new int[] {0, 1}, 2));
    assertEquals(
        "large: centroids must be at most 65504 to be stored in 16 bits, got 1000000.0",
        assertThrows(
                IllegalArgumentException.class,
                () -> ArchiveWriter.write(file, List.of(large), new ArchiveOptions(true, false)))
            .getMessage());
  }

  /** Written by the first release; every later one must read it. */
  @Test
  void versionOneStaysReadable() throws IOException {
    Path old = directory.resolve("old.vqa");
    try (InputStream in = ArchiveTest.class.getResourceAsStream("version-1.vqa")) {
      Files.write(old, in.readAllBytes());
    }
    List<ArchivedTensor> first = new ArrayList<>(tensors());
    first.removeIf(tensor -> tensor.name().endsWith(BlockLayout.INPUT_FIRST.name())); // came later
    assertSame(first, ArchiveReader.read(old));
  }

  @Test
  void aWriteThatFailsLeavesWhatWasThere() throws IOException {
    ArchiveWriter.write(file, tensors(), ArchiveOptions.defaults());
    byte[] before = Files.readAllBytes(file);
    List<ArchivedTensor> twice = List.of(tensors().get(0), tensors().get(0));
    assertEquals(
        "names must differ, got bias twice",
        assertThrows(
                IllegalArgumentException.class,
                () -> ArchiveWriter.write(file, twice, ArchiveOptions.defaults()))
            .getMessage());
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  /** Cut at each length, and each bit of some bytes flipped: always a clear refusal. */
  @Test
  void damageIsTold() throws IOException {
    ArchiveWriter.write(file, tensors().subList(0, 5), ArchiveOptions.defaults());
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length));
    }
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      refused(flipped);
    }
    refused(Arrays.copyOf(whole, whole.length + 1));
  }

  private String refused(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    String message =
        assertThrows(IllegalArgumentException.class, () -> ArchiveReader.read(file)).getMessage();
    assertTrue(String.valueOf(message).startsWith(file + " must "), message);
    return String.valueOf(message);
  }

  /** A file with valid checksums, whatever its records say. */
  private static byte[] archive(int version, ArchiveRecord... records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ArchiveFormat.MAGIC);
    out.writeBytes(little(version));
    for (ArchiveRecord record : records) {
      byte[] bytes = record.toByteArray();
      CRC32C checksum = new CRC32C();
      checksum.update(bytes);
      out.writeBytes(little(bytes.length));
      out.writeBytes(little((int) checksum.getValue()));
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] little(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static ArchiveRecord record(TensorRecord.Builder tensor) {
    return ArchiveRecord.newBuilder().setTensor(tensor).build();
  }

  private static ArchiveRecord end(int count) {
    return ArchiveRecord.newBuilder().setEnd(EndRecord.newBuilder().setTensors(count)).build();
  }

  private static TensorRecord.Builder clustered(int clusters, int... indices) {
    byte[] bytes = new byte[indices.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) indices[i];
    }
    return TensorRecord.newBuilder()
        .setName("t")
        .addShape(2)
        .setClustered(
            ClusteredValues.newBuilder()
                .setClusters(clusters)
                .setCentroids(ByteString.copyFrom(new byte[4 * Math.max(0, Math.min(clusters, 8))]))
                .setIndices(ByteString.copyFrom(bytes)));
  }

  @Test
  void whatAHostileFileDeclaresIsNotBelieved() throws IOException {
    String t = file + " must have tensors in order; t: ";
    assertEquals(
        file + " must be of version 1, got 2; a newer release may read it",
        refused(archive(2, end(0))));
    assertEquals(
        file + " must have the tensors that it declares, 1, got 0", refused(archive(1, end(1))));
    assertEquals(file + " must end with an end record, but was cut short", refused(archive(1)));
    TensorRecord.Builder huge =
        TensorRecord.newBuilder()
            .setName("t")
            .addShape(1 << 30)
            .setPlain(PlainValues.getDefaultInstance());
    assertEquals(
        t + "all tensors must decode to at most 2147483648 bytes, got 4294967296 or more",
        refused(archive(1, record(huge), end(1))));
    assertEquals(
        t + "shape must be of at most 2^31 - 1 numbers",
        refused(archive(1, record(huge.clone().addShape(1 << 30)), end(1))));
    assertEquals(
        t + "sizes must be from 1 to 2^31 - 1, got 18446744073709551615",
        refused(archive(1, record(huge.clone().clearShape().addShape(-1)), end(1))));
    assertEquals(
        t + "numbers must have 4000 bytes, got 0",
        refused(archive(1, record(huge.clone().clearShape().addShape(1000)), end(1))));
    assertEquals(
        t + "assignments must be from 0 to below 3, got 3",
        refused(archive(1, record(clustered(3, 0b1100)), end(1))));
    assertEquals(
        t + "clusters must be from 1 to 2^31 - 1, got 0",
        refused(archive(1, record(clustered(0)), end(1))));
    assertEquals(
        t + "centroids must have 8589934588 bytes, got 32",
        refused(archive(1, record(clustered(Integer.MAX_VALUE, 0)), end(1))));
    assertEquals(
        t + "indices must have 1 bytes, got 2",
        refused(archive(1, record(clustered(3, 0, 0)), end(1))));
    assertEquals(
        t + "values must be of a known kind",
        refused(archive(1, record(TensorRecord.newBuilder().setName("t").addShape(1)), end(1))));
    ArchiveRecord good = record(clustered(3, 0b0100));
    assertEquals(
        file + " must have tensors of different names, got t twice",
        refused(archive(1, good, good, end(2))));
    assertEquals(
        file + " must name its tensors, got one without a name",
        refused(archive(1, record(clustered(3, 0).setName("")), end(1))));
    assertEquals(
        file + " must have records of tensors, got one of another kind",
        refused(archive(1, ArchiveRecord.getDefaultInstance())));
    assertEquals(
        file + " must end after its last record, got more bytes",
        refused(archive(1, good, end(1), good)));
    Files.write(file, archive(1, good, end(1)));
    assertEquals(1, ArchiveReader.read(file).size(), "the file that these are made from");
  }

  @Test
  void theLimitIsOfAllTensorsTogether() throws IOException {
    ArchiveWriter.write(file, tensors().subList(0, 3), ArchiveOptions.defaults());
    long bytes = 4L * (7 + 1 + 400);
    assertEquals(3, ArchiveReader.read(file, bytes).size());
    String message =
        assertThrows(IllegalArgumentException.class, () -> ArchiveReader.read(file, bytes - 1))
            .getMessage();
    assertTrue(String.valueOf(message).endsWith("at most 1631 bytes, got 1632 or more"), message);
  }

  @Test
  void partsThatDoNotFitAreRefused() {
    refused(
        "name must not be empty", () -> new ArchivedTensor.Plain("", Shape.of(1), new float[1]));
    refused(
        "t: values must be 4, got 3",
        () -> new ArchivedTensor.Plain("t", Shape.of(2, 2), new float[3]));
    refused(
        "t: channels must be 0 or the last size of [2, 2], got 3",
        () ->
            new ArchivedTensor.Clustered(
                "t", Shape.of(2, 2), 3, new float[6], new Assignments(new int[4], 2)));
    refused(
        "t: centroids must be 4, got 2",
        () ->
            new ArchivedTensor.Clustered(
                "t", Shape.of(2, 2), 2, new float[2], new Assignments(new int[4], 2)));
    refused(
        "t: shape must be of 1 to 2^31 - 1 numbers, got [0]",
        () -> new ArchivedTensor.Plain("t", Shape.of(0), new float[0]));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
