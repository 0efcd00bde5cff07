/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.PeerPython;

/** Arrays for NumPy, and from it. */
class NumpyFilesTest {
  private static final long LIMIT = 1 << 20;
  private final Path directory;

  NumpyFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static Map<String, NumpyFiles.Array> arrays() {
    Map<String, NumpyFiles.Array> arrays = new LinkedHashMap<>();
    arrays.put(
        "dense/kernel", new NumpyFiles.Array(Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6}));
    arrays.put("bias", new NumpyFiles.Array(Shape.of(1), new float[] {-0.5f}));
    arrays.put("scalar", new NumpyFiles.Array(Shape.scalar(), new float[] {7}));
    return arrays;
  }

  private static void assertSame(
      Map<String, NumpyFiles.Array> expected, Map<String, NumpyFiles.Array> actual) {
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
    expected.forEach(
        (name, array) -> {
          NumpyFiles.Array other = Objects.requireNonNull(actual.get(name));
          assertEquals(array.shape(), other.shape());
          assertArrayEquals(array.values(), other.values());
        });
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = directory.resolve("a.npz");
    NumpyFiles.write(file, arrays());
    assertSame(arrays(), NumpyFiles.read(file, LIMIT));
  }

  @Test
  void theRealNumpyReadsAndWritesThem() throws Exception {
    PeerPython.assumeThere();
    Path ours = directory.resolve("ours.npz");
    Path theirs = directory.resolve("theirs.npz");
    NumpyFiles.write(ours, arrays());
    assertEquals(
        List.of(
            "dense/kernel float32 (2, 3) [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]",
            "bias float32 (1,) [-0.5]",
            "scalar float32 () [7.0]"),
        PeerPython.run(
            NumpyFilesTest.class, "numpy_peer.py", directory, ours.toString(), theirs.toString()));
    Map<String, NumpyFiles.Array> expected = new LinkedHashMap<>();
    expected.put("turned", new NumpyFiles.Array(Shape.of(2, 3), new float[] {0, 1, 2, 3, 4, 5}));
    expected.put("narrow", new NumpyFiles.Array(Shape.of(1), new float[] {7}));
    assertSame(expected, NumpyFiles.read(theirs, LIMIT));
  }

  @Test
  void aNameThatNumpyWouldMisreadIsRefused() {
    Path npy = directory.resolve("a.npy");
    assertEquals(
        "the file must end in .npz, as NumPy tells what it is by that, got " + npy,
        assertThrows(IllegalArgumentException.class, () -> NumpyFiles.write(npy, arrays()))
            .getMessage());
  }

  /** A file as NumPy writes it, of any header. */
  private Path npy(String header, byte[] numbers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
    out.writeBytes(
        ByteBuffer.allocate(2)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) text.length)
            .array());
    out.writeBytes(text);
    out.writeBytes(numbers);
    return Files.write(directory.resolve("a.npy"), out.toByteArray());
  }

  private static byte[] doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(bytes::putDouble);
    return bytes.array();
  }

  @Test
  void columnsAreTurnedIntoRowsAndDoublesNarrowed() throws IOException {
    Path file =
        npy(
            "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }",
            doubles(1, 4, 2, 5, 3, 6));
    NumpyFiles.Array array = Objects.requireNonNull(NumpyFiles.read(file, LIMIT).get("a"));
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, array.values());
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(bytes::putLong);
    return bytes.array();
  }

  /** Classes, ids of words, pixels: what inputs of models are. */
  @Test
  void wholeNumbersAndTruthValuesAreRead() throws IOException {
    read("<i8", longs(1 << 24, -3), 1 << 24, -3);
    read("<i4", new byte[] {7, 0, 0, 0, -1, -1, -1, -1}, 7, -1);
    read("|u1", new byte[] {7, -1}, 7, 255);
    read("|i1", new byte[] {7, -1}, 7, -1);
    read("|b1", new byte[] {1, 0}, 1, 0);
  }

  private void read(String type, byte[] numbers, float... expected) throws IOException {
    Path file = npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }", numbers);
    NumpyFiles.Array array = Objects.requireNonNull(NumpyFiles.read(file, LIMIT).get("a"));
    assertArrayEquals(expected, array.values());
  }

  @Test
  void damageIsTold() throws IOException {
    refused(
        npy("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", new byte[2]),
        "must be little-endian numbers of float32, float64, int32, int64, 8 bits or truth values,"
            + " got {'descr': '<f2'");
    refused(
        npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", longs(-(1L << 24) - 1)),
        "must have whole numbers of at most 2^24, which a float32 holds, got -16777217");
    refused(
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[4]),
        "must have the 2 numbers of its shape [2]");
    refused(
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", new byte[5]),
        "must have the 1 numbers of its shape [1]");
    refused(
        npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }",
            new byte[4]),
        "must have at most 1048576 bytes as float32, got shape [99999999, 99999999]");
    refused(
        npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            new byte[4]),
        "must have a shape, got (99999999999999999999,)");
    refused(
        Files.write(directory.resolve("b.npy"), new byte[] {1, 2, 3}),
        "must be a .npy, but its first bytes are not");
    refused(
        Files.write(directory.resolve("b.npz"), new byte[] {1, 2, 3}),
        "must be a whole .npz, got a damaged one");
    Path whole = directory.resolve("c.npz");
    NumpyFiles.write(whole, arrays());
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < 200; length++) {
      Files.write(whole, Arrays.copyOf(bytes, length));
      assertThrows(Exception.class, () -> NumpyFiles.read(whole, LIMIT), "cut at " + length);
    }
  }

  private static void refused(Path file, String message) {
    String got =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> NumpyFiles.read(file, LIMIT))
                .getMessage());
    assertTrue(got.contains(message), got);
  }
}
