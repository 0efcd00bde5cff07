/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** Pictures of images, drawn without a display and without a font. */
final class Pictures {
  private static final int ZOOM = 6;
  private static final int GAP = 6;
  private static final Color GROUND = new Color(0xF4, 0xF4, 0xF2);
  private static final Color USED = new Color(0x2A, 0x78, 0xB8);
  private static final Color DEAD = new Color(0xC8, 0x3C, 0x32);

  private Pictures() {}

  /** Pairs, the original left and its reconstruction right, {@code columns} pairs in a row. */
  static BufferedImage pairs(ImageSet originals, ImageSet reconstructions, int columns) {
    int count = Math.min(originals.count(), reconstructions.count());
    int width = originals.width() * ZOOM;
    int height = originals.height() * ZOOM;
    int pair = 2 * width + 1 + 2 * GAP;
    int rows = (count + columns - 1) / columns;
    BufferedImage sheet = sheet(columns * pair + GAP, rows * (height + GAP) + GAP);
    Graphics2D g = sheet.createGraphics();
    for (int i = 0; i < count; i++) {
      int left = GAP + i % columns * pair;
      int top = GAP + i / columns * (height + GAP);
      draw(g, originals, i, left, top);
      draw(g, reconstructions, i, left + width + 1, top);
    }
    g.dispose();
    return sheet;
  }

  /**
   * A tile for each code, what the decoder makes of it, with a bar below as long as the code is
   * often taken; the bar of a code that is never taken is a red square.
   */
  static BufferedImage codebook(ImageSet tiles, long[] counts) {
    int columns = (int) Math.ceil(Math.sqrt(tiles.count()));
    int width = tiles.width() * ZOOM;
    int height = tiles.height() * ZOOM;
    int rows = (tiles.count() + columns - 1) / columns;
    BufferedImage sheet = sheet(columns * (width + GAP) + GAP, rows * (height + 2 * GAP) + GAP);
    Graphics2D g = sheet.createGraphics();
    long most = Math.max(1, Arrays.stream(counts).max().orElse(1));
    for (int k = 0; k < tiles.count(); k++) {
      int left = GAP + k % columns * (width + GAP);
      int top = GAP + k / columns * (height + 2 * GAP);
      draw(g, tiles, k, left, top);
      g.setColor(counts[k] == 0 ? DEAD : USED);
      int bar = counts[k] == 0 ? 3 : (int) Math.max(1, width * counts[k] / most);
      g.fillRect(left, top + height + 2, bar, 3);
    }
    g.dispose();
    return sheet;
  }

  /** The tiles alone, a pixel a pixel. */
  static BufferedImage tiles(ImageSet tiles, int columns) {
    int rows = (tiles.count() + columns - 1) / columns;
    boolean grey = tiles.channels() <= 2;
    BufferedImage sheet =
        new BufferedImage(
            columns * tiles.width(),
            rows * tiles.height(),
            grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    for (int k = 0; k < tiles.count(); k++) {
      float[] numbers = tiles.image(k);
      for (int p = 0; p < tiles.width() * tiles.height(); p++) {
        float[] colour = colour(tiles.format(), numbers, p);
        for (int band = 0; band < sheet.getRaster().getNumBands(); band++) {
          sheet
              .getRaster()
              .setSample(
                  k % columns * tiles.width() + p % tiles.width(),
                  k / columns * tiles.height() + p / tiles.width(),
                  band,
                  Math.round(255 * colour[band]));
        }
      }
    }
    return sheet;
  }

  static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, "png", out)) {
      throw new IOException("this JDK has no PNG writer");
    }
    return out.toByteArray();
  }

  private static BufferedImage sheet(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setColor(GROUND);
    g.fillRect(0, 0, width, height);
    g.dispose();
    return image;
  }

  private static void draw(Graphics2D g, ImageSet images, int i, int left, int top) {
    float[] numbers = images.image(i);
    for (int p = 0; p < images.width() * images.height(); p++) {
      float[] colour = colour(images.format(), numbers, p);
      g.setColor(new Color(colour[0], colour[1], colour[2]));
      g.fillRect(left + p % images.width() * ZOOM, top + p / images.width() * ZOOM, ZOOM, ZOOM);
    }
  }

  /**
   * Red, green and blue of a pixel, on white where it lets light through. Of more than four
   * channels the first three are shown.
   */
  private static float[] colour(ImageFormat format, float[] numbers, int pixel) {
    int first = pixel * format.channels();
    float opacity =
        switch (format.channels()) {
          case 2 -> part(numbers[first + 1]);
          case 4 -> part(numbers[first + 3]);
          default -> 1;
        };
    float[] colour = new float[3];
    for (int band = 0; band < colour.length; band++) {
      float own = part(numbers[format.channels() <= 2 ? first : first + band]);
      float light = format.ink() ? 1 - own : own;
      colour[band] = opacity == 1 ? light : 1 - opacity * (1 - light);
    }
    return colour;
  }

  private static float part(float number) {
    return Math.max(0, Math.min(1, number));
  }
}
