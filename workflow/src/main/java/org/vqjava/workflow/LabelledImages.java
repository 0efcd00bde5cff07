/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt32;

/**
 * Images, each with the number of its class.
 *
 * @param images the images
 * @param labels the classes, from 0, in the order of the images
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record LabelledImages(ImageSet images, int[] labels) {

  /**
   * Joins them.
   *
   * @param images the images
   * @param labels as many
   * @throws IllegalArgumentException if there are more or fewer
   */
  public LabelledImages {
    if (images.count() != labels.length) {
      throw new IllegalArgumentException(
          "labels must be as many as the images, " + images.count() + ", got " + labels.length);
    }
  }

  /**
   * How many there are.
   *
   * @return the number of images
   */
  public int count() {
    return labels.length;
  }

  /**
   * How many classes there are.
   *
   * @return the highest label and one
   */
  public int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  /**
   * Consecutive ones.
   *
   * @param from the first
   * @param to the one after the last
   * @return a copy of them
   */
  public LabelledImages range(int from, int to) {
    return new LabelledImages(images.range(from, to), Arrays.copyOfRange(labels, from, to));
  }

  /**
   * Some of them.
   *
   * @param chosen their numbers
   * @return a copy of them, in that order
   */
  public LabelledImages some(int[] chosen) {
    return new LabelledImages(
        images.some(chosen), Arrays.stream(chosen).map(i -> labels[i]).toArray());
  }

  int fewestOfAClass() {
    int[] counts = new int[classes()];
    for (int label : labels) {
      counts[label]++;
    }
    return Arrays.stream(counts).min().orElse(0);
  }

  /**
   * The labels as one batch.
   *
   * @return {@code [N]}; the caller closes it
   */
  public TInt32 labelTensor() {
    return TInt32.tensorOf(Shape.of(count()), DataBuffers.of(labels));
  }
}
