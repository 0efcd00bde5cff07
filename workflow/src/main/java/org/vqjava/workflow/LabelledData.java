/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Labelled images to train on and others, of the same size and classes, to test with.
 *
 * @param train to train on
 * @param test to test with
 * @param told what there is, in a few words
 */
record LabelledData(LabelledImages train, LabelledImages test, String told) {

  /** The digits that come with this module, or labelled images of a file or folder. */
  static LabelledData of(Optional<Path> path) throws IOException {
    if (path.isEmpty()) {
      return new LabelledData(Digits.train(), Digits.test(), ImageData.of(path).told());
    }
    DataParts parts = DataFiles.read(path.get(), true).withTest();
    ImageData images = ImageData.of(parts);
    return ofClassesThatOccur(
        new LabelledImages(images.train(), parts.trainLabels().orElseThrow()),
        new LabelledImages(images.test(), parts.testLabels().orElseThrow()),
        images.told());
  }

  /** Labels may begin at 1 and have gaps, as those of EMNIST's letters: classes are numbered. */
  private static LabelledData ofClassesThatOccur(
      LabelledImages train, LabelledImages test, String told) {
    int[] classes = Arrays.stream(train.labels()).distinct().sorted().toArray();
    return new LabelledData(numbered(train, classes), numbered(test, classes), told);
  }

  private static LabelledImages numbered(LabelledImages labelled, int[] classes) {
    int[] numbers = new int[labelled.count()];
    for (int i = 0; i < numbers.length; i++) {
      int label = labelled.labels()[i];
      numbers[i] = Arrays.binarySearch(classes, label);
      if (numbers[i] < 0) {
        throw new IllegalArgumentException(
            "the test labels must be labels of training images, got " + label);
      }
    }
    return new LabelledImages(labelled.images(), numbers);
  }
}
