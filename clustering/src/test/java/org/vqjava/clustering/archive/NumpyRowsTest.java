/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;

/** A file of NumPy, some rows at a time. */
class NumpyRowsTest {
  private final Path file;

  NumpyRowsTest(@TempDir Path directory) {
    this.file = directory.resolve("a.npy");
  }

  @ParameterizedTest
  @EnumSource
  void rowsOfEveryTypeComeBackInOrder(NumpyType type) throws IOException {
    NumpyArray first = NumpyArray.of(type, Shape.of(2, 2), 0, 1, 1, 0);
    NumpyArray second = NumpyArray.of(type, Shape.of(1, 2), 1, 1);
    NumpyRows.write(file, type, Shape.of(3, 2), List.of(first, second).iterator());
    assertArrayEquals(
        new double[] {0, 1, 1, 0, 1, 1},
        NumpyFiles.read(file, 100).values().iterator().next().doubles());
    try (NumpyRows rows = NumpyRows.open(file)) {
      assertEquals(Shape.of(3, 2), rows.shape());
      assertEquals(type, rows.type());
      assertArrayEquals(new double[] {0, 1}, rows.next(1).doubles());
      NumpyArray rest = rows.next(2);
      assertEquals(Shape.of(2, 2), rest.shape());
      assertArrayEquals(new double[] {1, 0, 1, 1}, rest.doubles());
      assertTrue(
          String.valueOf(
                  assertThrows(IllegalArgumentException.class, () -> rows.next(1)).getMessage())
              .endsWith("must have the numbers of its shape [3, 2], but ends before"));
    }
  }

  /** Columns one after the other, the highest byte first: the first row is spread over the file. */
  @Test
  void whatIsInAnotherOrderIsTurned() throws IOException {
    String header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }\n";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0});
    bytes.write(header.getBytes(StandardCharsets.US_ASCII));
    for (int number : new int[] {1, 4, 2, 5, 3, 6}) {
      bytes.write(new byte[] {0, (byte) number});
    }
    Files.write(file, bytes.toByteArray());
    try (NumpyRows rows = NumpyRows.open(file)) {
      assertArrayEquals(new long[] {1, 2, 3}, rows.next(1).longs());
      assertArrayEquals(new long[] {4, 5, 6}, rows.next(1).longs());
    }
  }

  @Test
  void whatIsWrittenIsWholeOrNotThere() throws IOException {
    NumpyArray part = NumpyArray.of(NumpyType.UINT8, Shape.of(2), 1, 2);
    refused("1 fewer", Shape.of(3), part);
    refused("got uint8 of [2]", Shape.of(1), part);
    refused(
        "parts must be uint8", Shape.of(2), NumpyArray.of(NumpyType.FLOAT32, Shape.of(2), 1f, 2f));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            NumpyRows.write(
                file.resolveSibling("a.txt"),
                NumpyType.UINT8,
                Shape.of(2),
                List.of(part).iterator()));
    assertThrows(
        IllegalArgumentException.class,
        () -> NumpyRows.of(NumpyArray.of(NumpyType.UINT8, Shape.of(), 1)));
  }

  private void refused(String part, Shape shape, NumpyArray... parts) {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        NumpyRows.write(
                            file, NumpyType.UINT8, shape, Arrays.asList(parts).iterator()))
                .getMessage());
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(file));
  }
}
