/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.ByteString;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A PNG file in memory and the size its header states.
 *
 * @param file the bytes
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @see <a href="https://www.w3.org/TR/png-3/#5PNG-file-signature">PNG, sections 5.2 and 11.2.1</a>
 */
record Png(ByteString file, int width, int height) {
  private static final long SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int HEADER_LENGTH = 13;
  private static final int HEADER_TYPE = 0x49484452; // IHDR
  private static final int SIZE_END = 24;

  /** Reads the size from the header; what follows is left to the one who shows the picture. */
  static Png of(byte[] png) {
    Objects.requireNonNull(png, "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    if (png.length < SIZE_END
        || header.getLong() != SIGNATURE
        || header.getInt() != HEADER_LENGTH
        || header.getInt() != HEADER_TYPE) {
      throw new IllegalArgumentException(
          "png must start with the signature and header of a PNG file, got "
              + png.length
              + " other bytes");
    }
    int width = header.getInt();
    int height = header.getInt();
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "png must have a size of at least 1 x 1, got " + width + " x " + height);
    }
    return new Png(ByteString.copyFrom(png), width, height);
  }

  /** Encodes in memory: no display and no temporary file is needed. */
  static Png of(BufferedImage image) {
    Objects.requireNonNull(image, "image");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalArgumentException(
            "image must be of a kind that can be written as PNG, got " + image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot encode the image as PNG: " + image, e);
    }
    return of(bytes.toByteArray());
  }
}
