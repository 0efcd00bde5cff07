/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories with IDX files, whole and damaged. */
class ImageDataTest {
  private final Path directory;

  ImageDataTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** Images whose pixels are 0, 1, 2, .. */
  private static byte[] idx(int count, int height, int width) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * height * width);
    bytes.putInt(0x0803).putInt(count).putInt(height).putInt(width);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.put((byte) i);
    }
    return bytes.array();
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("images"), bytes);
  }

  @Test
  void readsFilesPackedOrNot() throws IOException {
    for (byte[] bytes : new byte[][] {idx(3, 2, 4), packed(idx(3, 2, 4))}) {
      ImageSet images = IdxFile.images(write(bytes)).scaled(PixelScale.NONE);
      assertEquals(3, images.count());
      assertEquals(2, images.height());
      assertEquals(4, images.width());
      float[] expected = new float[8];
      for (int i = 0; i < 8; i++) {
        expected[i] = (16 + i) / 255f;
      }
      assertArrayEquals(expected, images.image(2));
    }
    assertEquals(
        1,
        IdxFile.images(write(idx(1, 16, 16))).scaled(PixelScale.NONE).image(0)[255],
        "a byte has no sign");
  }

  @Test
  void refusesFilesThatEndEarlyOrGoOn() throws IOException {
    byte[] whole = idx(3, 2, 4);
    String file = directory.resolve("images").toString();
    refused(
        Arrays.copyOf(whole, whole.length - 1),
        file + " must have the 24 pixels that it declares, got 39 bytes");
    refused(
        Arrays.copyOf(whole, whole.length + 1),
        file + " must end after the 24 pixels that it declares");
    refused(
        packed(Arrays.copyOf(whole, whole.length - 1)),
        file + " must have the 24 pixels that it declares, got 23");
    String early =
        file + " must be a whole IDX file, gz or not, got one that ends early or is damaged";
    refused(Arrays.copyOf(whole, 10), early);
    refused(new byte[0], early);
    byte[] packed = packed(whole);
    refused(Arrays.copyOf(packed, packed.length - 12), early);
    byte[] damaged = packed.clone();
    damaged[packed.length - 8] ^= 1; // of the checksum
    refused(damaged, early);
  }

  @Test
  void refusesOtherFilesAndSizesBeyondTheFileAtOnce() throws IOException {
    String file = directory.resolve("images").toString();
    byte[] labels = idx(3, 2, 4);
    labels[3] = 1;
    refused(labels, file + " must begin with 0x00000803, got 0x00000801");
    byte[] huge = idx(1, 1, 1);
    ByteBuffer.wrap(huge).putInt(4, 60_000).putInt(8, 28).putInt(12, 28);
    refused(huge, file + " must have the 47040000 pixels that it declares, got 17 bytes");
    refused(
        packed(huge),
        file
            + " must have the 47040000 pixels that it declares, got "
            + packed(huge).length
            + " bytes");
    ByteBuffer.wrap(huge).putInt(4, Integer.MAX_VALUE).putInt(8, 1 << 16).putInt(12, 1 << 16);
    refused(huge, file + " must have at most 2^31 pixels, got 2147483647 x 65536 x 65536");
    ByteBuffer.wrap(huge).putInt(4, -1);
    refused(huge, file + " must have a number of images from 1 to 2^31 - 1, got 4294967295");
    ByteBuffer.wrap(huge).putInt(4, 1).putInt(8, 0);
    refused(huge, file + " must have a height from 1 to 2^31 - 1, got 0");
  }

  private void refused(byte[] bytes, String message) throws IOException {
    Path file = write(bytes);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> IdxFile.images(file)).getMessage());
  }

  @Test
  void aDirectoryHasBothFilesOfTheSameSize() throws IOException {
    refused(
        "data must be a folder with train-images-idx3-ubyte and t10k-images-idx3-ubyte (gz or not),"
            + " with .npy or .npz files, or with PNG files, or one such file, got "
            + directory
            + ", which has none of these");
    Files.write(directory.resolve("train-images-idx3-ubyte"), idx(3, 2, 4));
    refused(
        "data must be a directory with t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz, got "
            + directory);
    Files.write(directory.resolve("t10k-images-idx3-ubyte.gz"), packed(idx(2, 4, 2)));
    refused("the test images must be of the size of the others, 2 x 4, got 4 x 2");
    Files.write(directory.resolve("t10k-images-idx3-ubyte.gz"), packed(idx(2, 2, 4)));
    ImageData data = ImageData.of(Optional.of(directory));
    assertEquals(3, data.train().count());
    assertEquals(2, data.test().count());
  }

  private void refused(String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> ImageData.of(Optional.of(directory)))
            .getMessage());
  }
}
