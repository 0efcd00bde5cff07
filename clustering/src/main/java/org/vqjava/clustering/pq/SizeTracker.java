/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.tensorflow.ndarray.Shape;

/**
 * What quantization makes of a model's size, by fairseq's formula: {@code log₂(k) / blockSize} bits
 * a weight for the assignments, 2 bytes a number for the centroids, 4 bytes for everything else.
 * What is really stored, an archive tells: its indices have whole bits.
 */
public final class SizeTracker {
  private static final double MEGABYTE = 1024.0 * 1024.0;
  private static final double CENTROID_BYTES = 2;
  private static final double PLAIN_BYTES = 4;
  private static final double BITS_IN_A_BYTE = 8;

  private final double model;
  private int layers;
  private double index;
  private double centroids;
  private double plain;

  /**
   * A model of which nothing is quantized.
   *
   * @param parameters how many numbers it has, at least 1
   * @throws IllegalArgumentException if there are fewer
   */
  public SizeTracker(long parameters) {
    if (parameters < 1) {
      throw new IllegalArgumentException("parameters must be at least 1, got " + parameters);
    }
    model = parameters * PLAIN_BYTES / MEGABYTE;
    plain = model;
  }

  /**
   * Counts a weight that has been quantized.
   *
   * @param shape of the weight
   * @param blockSize numbers in a block
   * @param count k, how many centroids
   */
  public void add(Shape shape, int blockSize, int count) {
    double bits = Math.log(count) / Math.log(2) / blockSize;
    layers++;
    index += bits * shape.size() / BITS_IN_A_BYTE / MEGABYTE;
    centroids += CENTROID_BYTES * count * blockSize / MEGABYTE;
    plain -= PLAIN_BYTES * shape.size() / MEGABYTE;
  }

  /**
   * The model before.
   *
   * @return in megabytes of 2²⁰ bytes
   */
  public double original() {
    return model;
  }

  /**
   * How many weights have been quantized.
   *
   * @return their number
   */
  public int layers() {
    return layers;
  }

  /**
   * The assignments.
   *
   * @return in megabytes
   */
  public double index() {
    return index;
  }

  /**
   * The centroids.
   *
   * @return in megabytes
   */
  public double centroids() {
    return centroids;
  }

  /**
   * What is not quantized.
   *
   * @return in megabytes
   */
  public double nonQuantized() {
    return plain;
  }

  /**
   * The model now.
   *
   * @return in megabytes
   */
  public double compressed() {
    return index + centroids + plain;
  }

  /**
   * How many times smaller the model is.
   *
   * @return size before, divided by size now
   */
  public double ratio() {
    return model / compressed();
  }

  /**
   * The formula beside what is really stored.
   *
   * @param archive a file, an archive of the model say
   * @return bytes by the formula, bytes of the file, and how many times smaller than the model each
   *     is
   * @throws IOException if the file cannot be read
   */
  public String beside(Path archive) throws IOException {
    long bytes = Files.size(archive);
    return String.format(
        Locale.ROOT,
        "by the formula %,.0f bytes, %.2fx smaller; in the file %,d bytes, %.2fx smaller",
        compressed() * MEGABYTE,
        ratio(),
        bytes,
        original() * MEGABYTE / bytes);
  }

  /**
   * Sizes and ratio in a few lines.
   *
   * @return the text
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Non-compressed model size: %.2f MB. After quantizing %d layers, size (indexing + centroids"
            + " + other): %.2f MB + %.2f MB + %.2f MB = %.2f MB, compression ratio: %.2fx",
        original(),
        layers(),
        index(),
        centroids(),
        nonQuantized(),
        compressed(),
        ratio());
  }
}
