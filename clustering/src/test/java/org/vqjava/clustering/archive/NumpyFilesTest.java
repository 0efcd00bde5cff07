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
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.PeerPython;

/** Arrays for NumPy, and from it. */
class NumpyFilesTest {
  private static final long LIMIT = 1 << 20;
  private final Path directory;

  NumpyFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static Map<String, NumpyArray> arrays() {
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    arrays.put("dense/kernel", floats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
    arrays.put("bias", floats(Shape.of(1), -0.5f));
    arrays.put("scalar", floats(Shape.scalar(), 7));
    return arrays;
  }

  private static NumpyArray floats(Shape shape, float... values) {
    return NumpyArray.of(NumpyType.FLOAT32, shape, values);
  }

  private static void assertSame(Map<String, NumpyArray> expected, Map<String, NumpyArray> actual) {
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
    expected.forEach(
        (name, array) -> {
          NumpyArray other = Objects.requireNonNull(actual.get(name));
          assertEquals(array.shape(), other.shape());
          assertArrayEquals(array.floats(), other.floats());
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
    Map<String, NumpyArray> expected = new LinkedHashMap<>();
    expected.put("turned", floats(Shape.of(2, 3), 0, 1, 2, 3, 4, 5));
    expected.put("narrow", floats(Shape.of(1), 7));
    assertSame(expected, NumpyFiles.read(theirs, LIMIT));
  }

  @Test
  void aNameThatNumpyWouldMisreadIsRefused() {
    Path npy = directory.resolve("a.npy");
    assertEquals(
        "the file must end in .npz, got " + npy,
        assertThrows(IllegalArgumentException.class, () -> NumpyFiles.write(npy, arrays()))
            .getMessage());
    Path npz = directory.resolve("a.npz");
    assertEquals(
        "the file must end in .npy, got " + npz,
        assertThrows(
                IllegalArgumentException.class,
                () -> NumpyFiles.write(npz, floats(Shape.scalar(), 1)))
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

  private NumpyArray only(Path file) throws IOException {
    return NumpyFiles.read(file, LIMIT).values().iterator().next();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** Bytes that NumPy 2.0 wrote for one number, in either order. */
  @ParameterizedTest
  @CsvSource({
    "|b1, 01, 1",
    "?, 01, 1",
    "<u1, ff, 255",
    "|u1, ff, 255",
    "|i1, ff, -1",
    "<i2, 00 80, -32768",
    ">i2, 80 00, -32768",
    "=i2, 00 80, -32768",
    "<u2, 00 80, 32768",
    ">u2, 80 00, 32768",
    "<i4, 00 00 00 ff, -16777216",
    ">i4, ff 00 00 00, -16777216",
    "<u4, 00 00 00 ff, 4278190080",
    ">u4, ff 00 00 00, 4278190080",
    "<i8, fd ff ff ff ff ff ff ff, -3",
    ">i8, ff ff ff ff ff ff ff fd, -3",
    "<u8, 00 00 00 00 00 00 00 80, 9223372036854775808",
    ">u8, 80 00 00 00 00 00 00 00, 9223372036854775808",
    "<f2, 00 b8, -0.5",
    ">f2, b8 00, -0.5",
    "<f2, 01 00, 5.9604645e-8",
    "<f4, 00 00 20 3e, 0.15625",
    ">f4, 3e 20 00 00, 0.15625",
    "<f8, 9a 99 99 99 99 99 b9 3f, 0.1",
    ">f8, 3f b9 99 99 99 99 99 9a, 0.1",
    "uint16, 00 80, 32768",
    "H, 00 80, 32768",
    "int, fd ff ff ff ff ff ff ff, -3"
  })
  void everyTypeIsReadInEitherOrder(String type, String bytes, float expected) throws IOException {
    byte[] numbers = hex(bytes);
    Path file = npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': (), }", numbers);
    assertEquals(expected, only(file).floats()[0]);
    assertEquals(Shape.scalar(), only(file).shape());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }",
        "{'descr': '<f8', 'fortran_order': True, 'shape': (2L, 3L), }",
        "{'descr':'<f8','fortran_order':True,'shape':(2,3)}",
        "{\"shape\": (2, 3,), \"fortran_order\": True, \"descr\": \"<f8\"}",
        "  { 'shape' : ( 2 , 3 ) ,\t'descr' : 'd' , 'fortran_order' : True }   \n "
      })
  void everySpellingOfAHeaderIsReadAndColumnsAreTurnedIntoRows(String header) throws IOException {
    NumpyArray array = only(npy(header, doubles(1, 4, 2, 5, 3, 6)));
    assertEquals(Shape.of(2, 3), array.shape());
    assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, array.doubles());
  }

  @Test
  void headersOfVersions2And3AreRead() throws IOException {
    byte[] header =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }"
            .getBytes(StandardCharsets.UTF_8);
    for (byte version = 2; version <= 3; version++) {
      ByteBuffer bytes =
          ByteBuffer.allocate(13 + header.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(NpyHeader.MAGIC)
              .put(version)
              .put((byte) 0)
              .putInt(header.length)
              .put(header)
              .put((byte) 9);
      assertEquals(9, only(Files.write(directory.resolve("v.npy"), bytes.array())).longs()[0]);
    }
  }

  @Test
  void whatFollowsTheNumbersIsLeftAloneAsInNumpy() throws IOException {
    Path file = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", hex("07 08"));
    assertArrayEquals(new long[] {7}, only(file).longs());
  }

  @Test
  void theContentsTellWhatAFileIs() throws IOException {
    Path zip = directory.resolve("a.npz");
    NumpyFiles.write(zip, arrays());
    assertSame(arrays(), NumpyFiles.read(Files.copy(zip, directory.resolve("renamed.npy")), LIMIT));
  }

  @Test
  void someOfTheArraysAreReadWhateverTheOthersAre() throws IOException {
    Path file = directory.resolve("a.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("folder/"));
      zip.putNextEntry(new ZipEntry("objects.npy"));
      zip.write(
          Files.readAllBytes(
              npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", new byte[9])));
      zip.putNextEntry(new ZipEntry("x"));
      zip.write(
          Files.readAllBytes(
              npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", new byte[] {5})));
    }
    assertEquals(List.of("objects", "x"), NumpyFiles.names(file));
    Map<String, NumpyArray> some = NumpyFiles.read(file, LIMIT, List.of("x", "y"));
    assertEquals(Set.of("x"), some.keySet());
    assertEquals(5, Objects.requireNonNull(some.get("x")).longs()[0]);
    refused(
        file,
        file
            + ", objects must be of whole or floating-point numbers or truth values, got Python"
            + " objects, '|O', which are pickled; save array.astype('float32'), say");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'<c8' | complex numbers, '<c8'; save array.real and array.imag",
        "'<U3' | strings, '<U3'; save numbers that stand for them",
        "'S3' | strings, 'S3'; save numbers that stand for them",
        "'<M8[ns]' | dates, '<M8[ns]'; save array.astype('int64')",
        "'<m8[s]' | durations, '<m8[s]'; save array.astype('int64')",
        "'O' | Python objects, 'O', which are pickled; save array.astype('float32'), say",
        "'V2' | raw bytes, 'V2', as which bfloat16 is saved too; save array.astype('float32')",
        "'<f16' | long doubles, '<f16', which differ by machine; save array.astype('float64')",
        "[('x', '<f4'), ('y', '<i4')] | a structured array of the fields x, y; save each field as"
            + " an array of its own",
        "'f4,i4' | a structured array of the fields 'f4,i4'; save each field as an array of its own",
        "'3f4' | elements that are arrays, '3f4'; save them as one array of numbers",
        "('<f4', (2,)) | elements that are arrays; save them as one array of numbers",
        "'<i3' | the unknown type '<i3'"
      },
      quoteCharacter = '`')
  void whatIsNotOfNumbersIsRefusedWithItsReason(String type, String reason) throws IOException {
    refused(
        npy("{'descr': " + type + ", 'fortran_order': False, 'shape': (1,), }", new byte[64]),
        "a.npy must be of whole or floating-point numbers or truth values, got " + reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'descr': '<f4', 'shape': (1,)} | its keys and their values are others",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)} | its keys and their values are others",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1)} | its keys and their values are others",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)} | its shape is none",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)} | its shape is none",
        "{'descr': '<f4', 'fortran_order': False, 'shape': ('1',)} | its shape is none",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,) | cut short",
        "{'descr': <f4, 'fortran_order': False, 'shape': (1,)} | unexpected '<' at character 10"
      },
      quoteCharacter = '`')
  void aHeaderThatIsNoneIsShownWithTheReason(String header, String reason) throws IOException {
    refused(
        npy(header, new byte[4]),
        "a.npy must have a header of descr, fortran_order and shape, got "
            + header
            + ": "
            + reason);
  }

  @Test
  void nestingWithoutEndDoesNotEndTheStack() throws IOException {
    refused(npy("(".repeat(60_000), new byte[0]), "unexpected '(' at character");
  }

  @Test
  void damageIsTold() throws IOException {
    refused(
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[4]),
        "must have the 2 numbers of its shape [2], but ends after 1");
    refused(
        npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }",
            new byte[4]),
        "must have at most 1048576 bytes, got float32 of shape [99999999, 99999999]");
    refused(
        Files.write(directory.resolve("b.npy"), new byte[] {1, 2, 3}),
        "must be a .npy or a .npz, but its first bytes are of neither");
    refused(
        Files.write(directory.resolve("b.npy"), new byte[0]),
        "must be a .npy or a .npz, but is empty");
    refused(
        Files.write(directory.resolve("b.npz"), new byte[] {'P', 'K', 3, 4}),
        "must be a whole .npz, as numpy.savez and savez_compressed write it: ");
    refused(
        Files.write(
            directory.resolve("b.npy"), new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 4, 0}),
        "must be a .npy of version 1.0, 2.0 or 3.0, got 4.0");
    Path whole = directory.resolve("c.npz");
    NumpyFiles.write(whole, arrays());
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < 200; length++) {
      Files.write(whole, Arrays.copyOf(bytes, length));
      assertThrows(
          IllegalArgumentException.class, () -> NumpyFiles.read(whole, LIMIT), "cut at " + length);
    }
  }

  @Test
  void twoArraysOfOneNameAreRefused() throws IOException {
    Path file = directory.resolve("twice.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("x"));
      zip.putNextEntry(new ZipEntry("x.npy"));
    }
    refused(file, file + " must have arrays of different names, got two of x");
  }

  private static void refused(Path file, String message) {
    String got =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> NumpyFiles.read(file, LIMIT))
                .getMessage());
    assertTrue(got.contains(message), got);
  }
}
