/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The IDX format of MNIST: a magic number, the sizes, then a byte a pixel or label; packed by gzip
 * or not. A file is checked before it is believed.
 *
 * @see <a href="https://yann.lecun.com/exdb/mnist/">the format, at the bottom of the page</a>
 */
final class IdxFile {
  /** Of unsigned bytes; the number of dimensions is added. */
  private static final int MAGIC = 0x0800;

  private static final float LEVELS = 255;

  /** No gzip stream is unpacked to more than 1032 times its size (deflate's longest match). */
  private static final long LARGEST_RATIO = 1032;

  private final int[] sizes;
  private final byte[] bytes;

  private IdxFile(int[] sizes, byte[] bytes) {
    this.sizes = sizes;
    this.bytes = bytes;
  }

  /** Grey images, pixels from 0 to 1. */
  static RawImages images(Path file) throws IOException {
    IdxFile read = read(file, List.of("number of images", "height", "width"), "pixels");
    float[] values = new float[read.bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (read.bytes[i] & 0xFF) / LEVELS;
    }
    return RawImages.of(values, ImageFormat.ink(read.sizes[1], read.sizes[2]));
  }

  /** A number from 0 to 255 for each image. */
  static int[] labels(Path file) throws IOException {
    byte[] bytes = read(file, List.of("number of labels"), "labels").bytes;
    int[] labels = new int[bytes.length];
    Arrays.setAll(labels, i -> bytes[i] & 0xFF);
    return labels;
  }

  private static IdxFile read(Path file, List<String> dimensions, String content)
      throws IOException {
    boolean packed = isPacked(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream in = new DataInputStream(packed ? new GZIPInputStream(raw) : raw)) {
      int magic = in.readInt();
      int expected = MAGIC + dimensions.size();
      if (magic != expected) {
        throw wrong(file, String.format("begin with 0x%08x, got 0x%08x", expected, magic));
      }
      int[] sizes = new int[dimensions.size()];
      for (int d = 0; d < sizes.length; d++) {
        sizes[d] = positive(file, dimensions.get(d), in.readInt());
      }
      int count = count(file, sizes, content);
      long room = Files.size(file) * (packed ? LARGEST_RATIO : 1);
      String declared = "the " + count + " " + content + " that it declares";
      if (count + 4L * (1 + sizes.length) > room) {
        throw wrong(file, "have " + declared + ", got " + Files.size(file) + " bytes");
      }
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw wrong(file, "have " + declared + ", got " + bytes.length);
      }
      if (in.read() >= 0) {
        throw wrong(file, "end after " + declared);
      }
      return new IdxFile(sizes, bytes);
    } catch (EOFException | ZipException e) {
      throw new IllegalArgumentException(
          file + " must be a whole IDX file, gz or not, got one that ends early or is damaged", e);
    }
  }

  private static boolean isPacked(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() == 0x1F && in.read() == 0x8B;
    }
  }

  private static int positive(Path file, String what, int value) {
    if (value < 1) {
      throw wrong(
          file, "have a " + what + " from 1 to 2^31 - 1, got " + Integer.toUnsignedString(value));
    }
    return value;
  }

  private static int count(Path file, int[] sizes, String content) {
    long count = 1;
    for (int size : sizes) {
      count *= size;
      if (count > Integer.MAX_VALUE - 8) {
        throw wrong(
            file,
            Arrays.stream(sizes)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(" x ", "have at most 2^31 " + content + ", got ", "")));
      }
    }
    return (int) count;
  }

  private static IllegalArgumentException wrong(Path file, String condition) {
    return new IllegalArgumentException(file + " must " + condition);
  }
}
