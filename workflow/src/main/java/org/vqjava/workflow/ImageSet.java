/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Grey images of one size, pixels from 0 (ground) to 1 (ink). */
public final class ImageSet {
  private final float[] pixels;
  private final int height;
  private final int width;

  /** Takes {@code pixels}, image after image, row after row. */
  ImageSet(float[] pixels, int height, int width) {
    if (pixels.length % (height * width) != 0) {
      throw new IllegalArgumentException(
          "pixels must be whole images of " + height + " x " + width + ", got " + pixels.length);
    }
    this.pixels = pixels;
    this.height = height;
    this.width = width;
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
    return height;
  }

  /**
   * Their width.
   *
   * @return in pixels
   */
  public int width() {
    return width;
  }

  int imageSize() {
    return height * width;
  }

  /**
   * The pixels of one.
   *
   * @param i its number
   * @return a copy, row after row
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
    return new ImageSet(some, height, width);
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
    return new ImageSet(copied, height, width);
  }

  /** Some of the images as one batch; the caller closes it. */
  TFloat32 batch(int[] chosen) {
    return some(chosen).all();
  }

  /**
   * All of them as one batch.
   *
   * @return {@code [N, height, width, 1]}; the caller closes it
   */
  public TFloat32 all() {
    return TFloat32.tensorOf(Shape.of(count(), height, width, 1), DataBuffers.of(pixels));
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
