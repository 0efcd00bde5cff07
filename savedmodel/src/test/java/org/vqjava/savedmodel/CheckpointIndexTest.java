/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** Checkpoints that Python or TensorFlow wrote are what TensorFlow reads. */
class CheckpointIndexTest {
  private final Path prefix;
  private final EagerSession session = EagerSession.create();
  private final Ops tf = Ops.create(session);

  CheckpointIndexTest(@TempDir Path directory) {
    this.prefix = directory.resolve("all");
  }

  @AfterEach
  void close() {
    session.close();
  }

  private static Path shard(Path prefix, int shard, int shards) {
    return prefix.resolveSibling(
        prefix.getFileName() + String.format(Locale.ROOT, ".data-%05d-of-%05d", shard, shards));
  }

  private static byte[] bytes(Path prefix, CheckpointIndex.Entry entry, int shards)
      throws IOException {
    byte[] bytes = new byte[Math.toIntExact(entry.size())];
    try (RandomAccessFile file =
        new RandomAccessFile(shard(prefix, entry.shard(), shards).toFile(), "r")) {
      file.seek(entry.offset());
      file.readFully(bytes);
    }
    return bytes;
  }

  /** Type, shape and, but for strings, every byte. */
  private void assertReadAlike(Path of, CheckpointIndex.Entry entry, int shards)
      throws IOException {
    TType tensor = TensorFlowCheckpoints.restored(tf, of, entry);
    assertEquals(entry.type(), tensor.dataType(), entry.key());
    assertEquals(entry.shape(), tensor.shape(), entry.key());
    if (entry.type() != DataType.DT_STRING) {
      byte[] expected = new byte[Math.toIntExact(tensor.asRawTensor().numBytes())];
      tensor.asRawTensor().data().read(expected);
      assertArrayEquals(expected, bytes(of, entry, shards), entry.key());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cnn-batchnorm",
        "dense-digits",
        "functional-two-by-two",
        "keras3-cnn-export",
        "tf1-reference-variables"
      })
  void modelsOfPythonAreReadAsTensorFlowReadsThem(String model) throws IOException {
    Path variables = ModelDescriptionTest.model(model).resolve("variables/variables");
    CheckpointIndex index = CheckpointIndex.read(variables);
    for (CheckpointIndex.Entry entry : index.entries()) {
      assertReadAlike(variables, entry, 1);
      assertEquals(Optional.of(entry), index.find(entry.key()));
      assertFalse(entry.partitioned());
    }
    assertEquals(
        Files.size(shard(variables, 0, 1)),
        index.entries().stream().mapToLong(CheckpointIndex.Entry::size).sum(),
        "no tensor is left out");
    assertEquals(
        index.entries().stream().sorted(Comparator.comparing(e -> e.key())).toList(),
        index.entries());
    assertThrows(UnsupportedOperationException.class, () -> index.entries().clear());
  }

  @Test
  void valuesAreThoseThatWereSaved() throws IOException {
    Path variables =
        ModelDescriptionTest.model("tf1-reference-variables").resolve("variables/variables");
    CheckpointIndex index = CheckpointIndex.read(variables);
    assertEquals(
        List.of("fc1/b", "fc1/w", "fc2/b", "fc2/w"),
        index.entries().stream().map(CheckpointIndex.Entry::key).toList());
    CheckpointIndex.Entry weights = index.find("fc1/w").orElseThrow();
    assertEquals(
        new CheckpointIndex.Entry("fc1/w", DataType.DT_FLOAT, Shape.of(64, 8), 0, 32, 2048, false),
        weights);
    float[] expected = new float[512];
    TensorFlowCheckpoints.restored(tf, variables, weights)
        .asRawTensor()
        .data()
        .asFloats()
        .read(expected);
    float[] actual = new float[512];
    ByteBuffer.wrap(bytes(variables, weights, 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(actual);
    assertArrayEquals(expected, actual);
    assertEquals(Optional.empty(), index.find("fc3/w"));
  }

  @Test
  void elementsOfAllTypesAreAsWideAsTensorFlowWritesThem() throws IOException {
    Operand<?> matrix = tf.constant(new float[][] {{1, 2, 3}, {4, 5, 6}});
    List<Operand<?>> values =
        List.of(
            matrix,
            tf.constant(new double[] {1, 2}),
            tf.dtypes.cast(tf.constant(new float[] {1, 2, 3}), TFloat16.class),
            tf.dtypes.cast(tf.constant(new float[] {1, 2, 3}), TBfloat16.class),
            tf.dtypes.cast(tf.constant(new int[] {1, 2, 3}), TUint8.class),
            tf.constant(7),
            tf.constant(new long[0]),
            tf.constant(new boolean[] {true, false}),
            TensorFlowCheckpoints.strings(tf, "", "text"));
    List<String> names =
        List.of("float", "double", "half", "bfloat", "uint8", "int", "none", "bool", "text");
    TensorFlowCheckpoints.save(tf, prefix, names, Collections.nCopies(9, ""), values);
    CheckpointIndex index = CheckpointIndex.read(prefix);
    assertEquals(9, index.entries().size());
    for (CheckpointIndex.Entry entry : index.entries()) {
      assertReadAlike(prefix, entry, 1);
    }
    assertEquals(Shape.scalar(), index.find("int").orElseThrow().shape());
    assertEquals(Shape.of(0), index.find("none").orElseThrow().shape());
    assertEquals(0, index.find("none").orElseThrow().size());
  }

  /** More than a block of the table holds, and in characters of one to four bytes. */
  @Test
  void manyLongNamesAreAllFound() throws IOException {
    List<String> names = new ArrayList<>();
    List<Operand<?>> values = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      names.add((i * 7919) % 1500 + "/Größe/∞/𝔸/" + "x".repeat(i % 400));
      values.add(tf.constant(i));
    }
    TensorFlowCheckpoints.save(tf, prefix, names, Collections.nCopies(1500, ""), values);
    CheckpointIndex index = CheckpointIndex.read(prefix);
    assertTrue(Files.size(prefix.resolveSibling("all.index")) > 300_000, "several blocks");
    assertEquals(names.stream().sorted().toList(), keys(index));
    for (int i = 0; i < 1500; i++) {
      CheckpointIndex.Entry entry = index.find(names.get(i)).orElseThrow();
      ByteBuffer value = ByteBuffer.wrap(bytes(prefix, entry, 1)).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(i, value.getInt());
    }
  }

  private static List<String> keys(CheckpointIndex index) {
    return index.entries().stream().map(CheckpointIndex.Entry::key).toList();
  }

  @Test
  void severalShardsAreToldApart() throws IOException {
    List<Path> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path part = prefix.resolveSibling("part" + i);
      TensorFlowCheckpoints.save(
          tf,
          part,
          List.of("a" + i, "b" + i),
          List.of("", ""),
          List.of(tf.constant(new float[] {i, 1}), tf.constant(new long[] {i, 2, 3})));
      parts.add(part);
    }
    TensorFlowCheckpoints.merge(tf, parts, prefix);
    CheckpointIndex index = CheckpointIndex.read(prefix);
    assertEquals(List.of("a0", "a1", "a2", "b0", "b1", "b2"), keys(index));
    for (CheckpointIndex.Entry entry : index.entries()) {
      assertReadAlike(prefix, entry, 3);
    }
    assertEquals(
        List.of(0, 1, 2),
        index.entries().stream().map(CheckpointIndex.Entry::shard).distinct().sorted().toList());

    Path lost = shard(prefix, 1, 3);
    Files.delete(lost);
    String message = lost + " must be a regular file, got none";
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> CheckpointIndex.read(prefix))
            .getMessage());
  }

  @Test
  void slicesAreOneTensor() throws IOException {
    TensorFlowCheckpoints.save(
        tf,
        prefix,
        List.of("table", "table", "whole"),
        List.of("3 2 0,2:-", "3 2 2,1:-", ""),
        List.of(
            tf.constant(new float[][] {{1, 2}, {3, 4}}),
            tf.constant(new float[][] {{5, 6}}),
            tf.constant(8f)));
    CheckpointIndex index = CheckpointIndex.read(prefix);
    assertEquals(List.of("table", "whole"), keys(index));
    CheckpointIndex.Entry table = index.find("table").orElseThrow();
    assertTrue(table.partitioned());
    assertEquals(Shape.of(3, 2), table.shape());
    assertEquals(0, table.size());
    TType tensor = TensorFlowCheckpoints.restored(tf, prefix, table);
    assertEquals(table.shape(), tensor.shape());
    assertFalse(index.find("whole").orElseThrow().partitioned());
  }
}
