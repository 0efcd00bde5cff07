/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Pixels that can be told from the drawing's rule: six screen pixels a pixel, six apart. */
class PicturesTest {
  private static final int WHITE = 0xFFFFFF;
  private static final int BLACK = 0x000000;
  private static final int GROUND = 0xF4F4F2;
  private static final int USED = 0x2A78B8;
  private static final int DEAD = 0xC83C32;

  private static ImageSet images(float... pixels) {
    return new ImageSet(pixels, ImageFormat.ink(1, 2));
  }

  private static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xFFFFFF;
  }

  @Test
  void anOriginalStandsLeftOfItsReconstruction() {
    BufferedImage sheet = Pictures.pairs(images(0, 1, 1, 0), images(1, 0, 2, -1), 2);
    assertEquals(2 * (2 * 12 + 1 + 12) + 6, sheet.getWidth());
    assertEquals(6 + 6 + 6, sheet.getHeight());
    assertEquals(GROUND, rgb(sheet, 0, 0));
    assertEquals(WHITE, rgb(sheet, 6, 6), "no ink");
    assertEquals(BLACK, rgb(sheet, 12, 6), "all ink");
    assertEquals(BLACK, rgb(sheet, 6 + 13, 6), "the first reconstruction, after a gap of one");
    assertEquals(BLACK, rgb(sheet, 6 + 37, 6), "the second pair");
    assertEquals(BLACK, rgb(sheet, 6 + 37 + 13, 6), "more than all ink is all");
    assertEquals(WHITE, rgb(sheet, 6 + 37 + 13 + 6, 6), "less than none is none");
  }

  @Test
  void aCodesBarIsAsLongAsItIsOftenTakenAndADeadCodeIsRed() {
    BufferedImage sheet =
        Pictures.codebook(images(0, 0, 0, 0, 0, 0, 0, 0), new long[] {12, 6, 0, 1});
    int below = 6 + 6 + 2;
    assertEquals(USED, rgb(sheet, 6, below));
    assertEquals(USED, rgb(sheet, 6 + 11, below), "the code that is taken most fills the width");
    assertEquals(USED, rgb(sheet, 24 + 5, below));
    assertEquals(GROUND, rgb(sheet, 24 + 6, below), "half as often, half as long");
    int second = below + 6 + 12;
    assertEquals(DEAD, rgb(sheet, 6, second));
    assertEquals(GROUND, rgb(sheet, 6 + 3, second));
    assertEquals(USED, rgb(sheet, 24, second), "what is taken at all has a bar");
  }

  @Test
  void aPngHoldsThePicture() throws IOException {
    BufferedImage sheet = Pictures.pairs(images(0, 1), images(1, 0), 1);
    BufferedImage read =
        Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(Pictures.png(sheet))));
    for (int y = 0; y < sheet.getHeight(); y++) {
      for (int x = 0; x < sheet.getWidth(); x++) {
        assertEquals(rgb(sheet, x, y), rgb(read, x, y));
      }
    }
  }
}
