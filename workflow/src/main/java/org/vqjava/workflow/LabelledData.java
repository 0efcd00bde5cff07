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
 */
record LabelledData(LabelledImages train, LabelledImages test) {
  private static final String TRAIN = "train-labels-idx1-ubyte";
  private static final String TEST = "t10k-labels-idx1-ubyte";

  /** The digits that come with this module, or the IDX files of a directory. */
  static LabelledData of(Optional<Path> directory) throws IOException {
    if (directory.isEmpty()) {
      return new LabelledData(Digits.train(), Digits.test());
    }
    ImageData images = ImageData.of(directory);
    LabelledImages train = new LabelledImages(images.train(), labels(directory.get(), TRAIN));
    LabelledImages test = new LabelledImages(images.test(), labels(directory.get(), TEST));
    return ofClassesThatOccur(train, test);
  }

  /** Labels may begin at 1 and have gaps, as those of EMNIST's letters: classes are numbered. */
  private static LabelledData ofClassesThatOccur(LabelledImages train, LabelledImages test) {
    int[] classes = Arrays.stream(train.labels()).distinct().sorted().toArray();
    return new LabelledData(numbered(train, classes), numbered(test, classes));
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

  private static int[] labels(Path directory, String name) throws IOException {
    return IdxFile.labels(ImageData.file(directory, name));
  }
}
