/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels beside images, of the digits and of IDX files. */
class LabelledDataTest {
  private final Path directory;

  LabelledDataTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private void images(String name, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * 4);
    bytes.putInt(0x0803).putInt(count).putInt(2).putInt(2);
    Files.write(directory.resolve(name), bytes.array());
  }

  private void labels(String name, int... labels) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8 + labels.length);
    bytes.putInt(0x0801).putInt(labels.length);
    for (int label : labels) {
      bytes.put((byte) label);
    }
    Files.write(directory.resolve(name), bytes.array());
  }

  private void write(int[] train, int[] test) throws IOException {
    images("train-images-idx3-ubyte", 3);
    images("t10k-images-idx3-ubyte", 2);
    labels("train-labels-idx1-ubyte", train);
    labels("t10k-labels-idx1-ubyte", test);
  }

  @Test
  void digitsHaveTheirLabels() throws IOException {
    LabelledData data = LabelledData.of(Optional.empty());
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Arrays.copyOf(data.train().labels(), 10));
    assertEquals(10, data.train().classes());
    assertEquals(10, data.test().classes());
    assertEquals(360, data.test().count());
  }

  /** From 1 and with gaps, as EMNIST's letters; a byte has no sign; a test may lack a class. */
  @Test
  void classesAreThoseThatOccur() throws IOException {
    write(new int[] {1, 200, 3}, new int[] {200, 1});
    LabelledData data = LabelledData.of(Optional.of(directory));
    assertArrayEquals(new int[] {0, 2, 1}, data.train().labels());
    assertArrayEquals(new int[] {2, 0}, data.test().labels());
    assertEquals(3, data.train().classes());
    assertEquals(1, data.train().fewestOfAClass());
    LabelledImages some = data.train().some(new int[] {2, 0});
    assertArrayEquals(new int[] {1, 0}, some.labels());
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    write(new int[] {0, 1}, new int[] {1, 0});
    refused("labels must be as many as the images, 3, got 2");
    write(new int[] {0, 1, 2}, new int[] {1, 3});
    refused("the test labels must be labels of training images, got 3");
    Path file = directory.resolve("train-labels-idx1-ubyte");
    images("train-labels-idx1-ubyte", 3);
    refused(file + " must begin with 0x00000801, got 0x00000803");
    Files.delete(file);
    refused(
        "data must be a directory with train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz, got "
            + directory);
  }

  private void refused(String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> LabelledData.of(Optional.of(directory)))
            .getMessage());
  }
}
