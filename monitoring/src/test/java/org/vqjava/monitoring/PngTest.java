/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_USHORT_GRAY
      })
  void pictureIsEncodedWithoutLoss(int type) throws IOException {
    BufferedImage image = picture(type);

    Png png = Png.of(image);

    BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(png.file().toByteArray()));
    assertNotNull(decoded);
    assertEquals(3, decoded.getWidth());
    assertEquals(2, decoded.getHeight());
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        assertEquals(image.getRGB(x, y), decoded.getRGB(x, y), x + ", " + y);
      }
    }
  }

  @Test
  void sizeIsReadFromTheHeader() {
    byte[] file = Png.of(picture(BufferedImage.TYPE_INT_RGB)).file().toByteArray();

    Png png = Png.of(file);

    assertEquals(3, png.width());
    assertEquals(2, png.height());
  }

  @Test
  void bytesAreCopied() {
    byte[] file = Png.of(picture(BufferedImage.TYPE_INT_RGB)).file().toByteArray();
    Png png = Png.of(file);
    file[0] = 0;

    assertEquals((byte) 0x89, png.file().byteAt(0));
  }

  @Test
  void whatIsNoPngIsRefused() {
    byte[] file = Png.of(picture(BufferedImage.TYPE_INT_RGB)).file().toByteArray();
    String message = "png must start with the signature and header of a PNG file, got ";

    assertRefused(message + "0 other bytes", () -> Png.of(new byte[0]));
    assertRefused(message + "23 other bytes", () -> Png.of(Arrays.copyOf(file, 23)));
    for (int damaged : new int[] {0, 7, 11, 15}) {
      byte[] other = file.clone();
      other[damaged] ^= 1;
      assertRefused(message + file.length + " other bytes", () -> Png.of(other));
    }
  }

  @Test
  void emptyPictureIsRefused() {
    byte[] file = Png.of(picture(BufferedImage.TYPE_INT_RGB)).file().toByteArray();
    file[19] = 0; // the last byte of the width

    assertRefused("png must have a size of at least 1 x 1, got 0 x 2", () -> Png.of(file));
  }

  @Test
  void pictureThatPngCannotHoldIsRefused() {
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_FLOAT);
    BufferedImage image =
        new BufferedImage(model, model.createCompatibleWritableRaster(3, 2), false, null);

    assertRefused(
        "image must be of a kind that can be written as PNG, got " + image, () -> Png.of(image));
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static BufferedImage picture(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    for (int i = 0; i < 6; i++) {
      image.setRGB(i % 3, i / 3, 0xff000000 | 0x2a1705 * i);
    }
    return image;
  }
}
