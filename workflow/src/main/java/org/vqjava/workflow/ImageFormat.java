/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import org.tensorflow.ndarray.Shape;

/**
 * What images of a set have in common.
 *
 * @param height in pixels
 * @param width in pixels
 * @param channels numbers of a pixel: 1 for grey, 2 for grey and opacity, 3 for red, green and
 *     blue, 4 with opacity too, or any other
 * @param ink whether grey is ink on paper, as in MNIST, and so drawn dark; else it is light
 */
record ImageFormat(int height, int width, int channels, boolean ink) {

  ImageFormat {
    Check.atLeast("height", 1, height);
    Check.atLeast("width", 1, width);
    Check.atLeast("channels", 1, channels);
  }

  /** Ink on paper. */
  static ImageFormat ink(int height, int width) {
    return new ImageFormat(height, width, 1, true);
  }

  /** How many numbers an image has. */
  int numbers() {
    return Math.multiplyExact(Math.multiplyExact(height, width), channels);
  }

  /** The shape of a batch of any size, {@code [-1, height, width, channels]}. */
  Shape batchShape() {
    return Shape.of(-1, height, width, channels);
  }

  /** Half the height, where a convolution halves it: rounded up. */
  int halfHeight() {
    return (height + 1) / 2;
  }

  /** Half the width, rounded up. */
  int halfWidth() {
    return (width + 1) / 2;
  }

  boolean sameSizes(ImageFormat other) {
    return height == other.height && width == other.width && channels == other.channels;
  }

  /** As messages have it: {@code 8 x 8}, {@code 32 x 32 x 3}. */
  String sizes() {
    return height + " x " + width + (channels == 1 ? "" : " x " + channels);
  }
}
