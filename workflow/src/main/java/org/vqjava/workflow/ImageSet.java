/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Images of one format, numbers from 0 to 1. */
public final class ImageSet {
  private final float[] pixels;
  private final ImageFormat format;

  /** Takes {@code pixels}, image after image, row after row, the channels of a pixel together. */
  ImageSet(float[] pixels, ImageFormat format) {
    if (pixels.length % format.numbers() != 0) {
      throw new IllegalArgumentException(
          "pixels must be whole images of " + format.sizes() + ", got " + pixels.length);
    }
    this.pixels = pixels;
    this.format = format;
  }

  ImageFormat format() {
    return format;
  }

  /**
   * How many there are.
   *
   * @return the number of images
   */
  public int count() {
    return pixels.length / imageSize();
  }

  /**
   * Their height.
   *
   * @return in pixels
   */
  public int height() {
    return format.height();
  }

  /**
   * Their width.
   *
   * @return in pixels
   */
  public int width() {
    return format.width();
  }

  /**
   * How many numbers a pixel has.
   *
   * @return 1 for grey, 3 for colours
   */
  public int channels() {
    return format.channels();
  }

  int imageSize() {
    return format.numbers();
  }

  /**
   * The pixels of one.
   *
   * @param i its number
   * @return a copy, row after row, the channels of a pixel together
   */
  public float[] image(int i) {
    float[] image = new float[imageSize()];
    System.arraycopy(pixels, i * imageSize(), image, 0, imageSize());
    return image;
  }

  /**
   * Consecutive ones.
   *
   * @param from the first
   * @param to the one after the last
   * @return a copy of them
   */
  public ImageSet range(int from, int to) {
    float[] some = new float[(to - from) * imageSize()];
    System.arraycopy(pixels, from * imageSize(), some, 0, some.length);
    return new ImageSet(some, format);
  }

  /**
   * Some of them.
   *
   * @param chosen their numbers
   * @return a copy of them, in that order
   */
  public ImageSet some(int[] chosen) {
    float[] copied = new float[chosen.length * imageSize()];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(pixels, chosen[i] * imageSize(), copied, i * imageSize(), imageSize());
    }
    return new ImageSet(copied, format);
  }

  /** Some of the images as one batch; the caller closes it. */
  TFloat32 batch(int[] chosen) {
    return some(chosen).all();
  }

  /**
   * All of them as one batch.
   *
   * @return {@code [N, height, width, channels]}; the caller closes it
   */
  public TFloat32 all() {
    return TFloat32.tensorOf(format.batchShape().tail().prepend(count()), DataBuffers.of(pixels));
  }

  /** The largest difference between two pixels of the same place; NaN if there is one. */
  double largestDifference(ImageSet others) {
    double largest = 0;
    for (int i = 0; i < pixels.length; i++) {
      largest = Math.max(largest, Math.abs((double) pixels[i] - others.pixels[i]));
    }
    return largest;
  }

  /**
   * The mean squared error of the mean of these images in place of each of {@code others}: what a
   * model must beat.
   */
  double meanImageError(ImageSet others) {
    double[] mean = new double[imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      mean[i % imageSize()] += pixels[i] / (double) count();
    }
    double sum = 0;
    for (int i = 0; i < others.pixels.length; i++) {
      double difference = others.pixels[i] - mean[i % imageSize()];
      sum += difference * difference;
    }
    return sum / others.pixels.length;
  }
}
