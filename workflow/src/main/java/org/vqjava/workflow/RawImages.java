/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Optional;

/**
 * Images with the numbers that their file has.
 *
 * @param numbers image after image, row after row, the channels of a pixel together
 * @param format what they have in common
 * @param scale which numbers are 0 and 1, where the type of the file tells it
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record RawImages(float[] numbers, ImageFormat format, Optional<PixelScale> scale) {
  /** Every so many images there is one to test with, where a file does not say which. */
  static final int TEST_EVERY = 5;

  /** Images that are from 0 to 1 already. */
  static RawImages of(float[] numbers, ImageFormat format) {
    return new RawImages(numbers, format, Optional.of(PixelScale.NONE));
  }

  int count() {
    return numbers.length / format.numbers();
  }

  /** Numbers from 0 to 1: by the type if it tells how, else by {@code other}. */
  ImageSet scaled(PixelScale other) {
    return new ImageSet(scale.orElse(other).scaled(numbers), format);
  }

  RawImages some(int[] chosen) {
    int size = format.numbers();
    float[] copied = new float[chosen.length * size];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(numbers, chosen[i] * size, copied, i * size, size);
    }
    return new RawImages(copied, format, scale);
  }
}
