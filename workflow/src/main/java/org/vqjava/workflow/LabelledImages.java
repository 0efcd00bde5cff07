/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt32;

/** Images, each with the number of its class. */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record LabelledImages(ImageSet images, int[] labels) {

  LabelledImages {
    if (images.count() != labels.length) {
      throw new IllegalArgumentException(
          "labels must be as many as the images, " + images.count() + ", got " + labels.length);
    }
  }

  int count() {
    return labels.length;
  }

  int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  /** The images {@code from} to {@code to}, without the latter. */
  LabelledImages range(int from, int to) {
    return new LabelledImages(images.range(from, to), Arrays.copyOfRange(labels, from, to));
  }

  /** Some of the images, in the order asked for. */
  LabelledImages some(int[] chosen) {
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

  /** The labels as one batch; the caller closes the tensor. */
  TInt32 labelTensor() {
    return TInt32.tensorOf(Shape.of(count()), DataBuffers.of(labels));
  }
}
