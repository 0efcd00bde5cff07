/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

/**
 * What a decoder makes of each code: one picture of tiles, code 0 at the top left, row by row.
 *
 * @param png a PNG file
 * @param columns how many tiles are in a row
 * @param tileWidth in pixels
 * @param tileHeight in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record CodeImages(byte[] png, int columns, int tileWidth, int tileHeight) {
  /**
   * Checks the numbers.
   *
   * @param png a PNG file; its signature and header are checked, the rest is not
   * @param columns how many tiles are in a row, at least 1
   * @param tileWidth in pixels, at least 1
   * @param tileHeight in pixels, at least 1
   * @throws IllegalArgumentException if a number is below 1, or {@code png} does not start as a PNG
   *     file does
   */
  public CodeImages {
    Png.of(png);
    Check.atLeast("columns", 1, columns);
    Check.atLeast("tileWidth", 1, tileWidth);
    Check.atLeast("tileHeight", 1, tileHeight);
  }
}
