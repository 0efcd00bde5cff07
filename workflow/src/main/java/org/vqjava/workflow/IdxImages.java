/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Images in the IDX format of MNIST: a magic number, the sizes, then a byte a pixel; packed by gzip
 * or not. A file is checked before it is believed.
 *
 * @see <a href="https://yann.lecun.com/exdb/mnist/">the format, at the bottom of the page</a>
 */
final class IdxImages {
  /** Unsigned bytes in three dimensions. */
  private static final int MAGIC = 0x0803;

  private static final int HEADER_BYTES = 16;
  private static final float LEVELS = 255;

  /** No gzip stream is unpacked to more than 1032 times its size (deflate's longest match). */
  private static final long LARGEST_RATIO = 1032;

  private IdxImages() {}

  static ImageSet read(Path file) throws IOException {
    boolean packed = isPacked(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream in = new DataInputStream(packed ? new GZIPInputStream(raw) : raw)) {
      int magic = in.readInt();
      if (magic != MAGIC) {
        throw wrong(file, String.format("begin with 0x%08x, got 0x%08x", MAGIC, magic));
      }
      int count = positive(file, "number of images", in.readInt());
      int height = positive(file, "height", in.readInt());
      int width = positive(file, "width", in.readInt());
      long pixels = (long) count * height * width;
      if ((long) height * width > Integer.MAX_VALUE || pixels > Integer.MAX_VALUE - 8) {
        throw wrong(
            file, "have at most 2^31 pixels, got " + count + " x " + height + " x " + width);
      }
      long room = Files.size(file) * (packed ? LARGEST_RATIO : 1);
      if (pixels + HEADER_BYTES > room) {
        throw wrong(
            file,
            "have the " + pixels + " pixels that it declares, got " + Files.size(file) + " bytes");
      }
      byte[] bytes = in.readNBytes((int) pixels);
      if (bytes.length < pixels) {
        throw wrong(file, "have the " + pixels + " pixels that it declares, got " + bytes.length);
      }
      if (in.read() >= 0) {
        throw wrong(file, "end after the " + pixels + " pixels that it declares");
      }
      float[] values = new float[bytes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (bytes[i] & 0xFF) / LEVELS;
      }
      return new ImageSet(values, height, width);
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

  private static IllegalArgumentException wrong(Path file, String condition) {
    return new IllegalArgumentException(file + " must " + condition);
  }
}
