/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

/**
 * How an archive is written.
 *
 * @param halfCentroids whether centroids are rounded to 16 bits
 * @param deflate whether indices and plain numbers are entropy-coded, each tensor where it helps
 */
public record ArchiveOptions(boolean halfCentroids, boolean deflate) {
  /**
   * Centroids in 32 bits, entropy coding where it helps.
   *
   * @return the options
   */
  public static ArchiveOptions defaults() {
    return new ArchiveOptions(false, true);
  }

  /**
   * The same with other centroids.
   *
   * @param value whether centroids are rounded to 16 bits: half their bytes, 11 bits of precision,
   *     at most 65,504
   * @return new options
   */
  public ArchiveOptions withHalfCentroids(boolean value) {
    return new ArchiveOptions(value, deflate);
  }

  /**
   * The same with or without entropy coding.
   *
   * @param value whether it is tried
   * @return new options
   */
  public ArchiveOptions withDeflate(boolean value) {
    return new ArchiveOptions(halfCentroids, value);
  }
}
