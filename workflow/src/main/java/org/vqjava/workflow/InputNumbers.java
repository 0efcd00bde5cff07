/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Optional;

/**
 * Which numbers of a file a model takes for which.
 *
 * @param images whether it takes numbers from 0 to 1, else those of the file as they are
 * @param scale which numbers of the images that it was trained on were 0 and 1, if the type of
 *     their file did not tell
 */
record InputNumbers(boolean images, Optional<PixelScale> scale) {
  /** As they are. */
  static final InputNumbers PLAIN = new InputNumbers(false, Optional.empty());

  /** What a model takes for numbers, whose type may tell which are 0 and 1. */
  float[] toModel(float[] numbers, Optional<PixelScale> ofType) {
    return images ? ofType.or(() -> scale).orElse(PixelScale.NONE).scaled(numbers) : numbers;
  }

  /** Back to the numbers of the images that it was trained on, if their type did not tell them. */
  float[] fromModel(float[] numbers) {
    if (scale.isEmpty()) {
      return numbers;
    }
    float low = (float) scale.get().low();
    float range = (float) (scale.get().high() - scale.get().low());
    float[] restored = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      restored[i] = numbers[i] * range + low;
    }
    return restored;
  }
}
