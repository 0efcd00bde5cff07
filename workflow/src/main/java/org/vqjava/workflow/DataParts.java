/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What was found to train on and to test with.
 *
 * @param train images to train on
 * @param trainLabels a number for each, if there are some
 * @param test others, if it is told which
 * @param testLabels a number for each, if there are some
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record DataParts(
    RawImages train,
    Optional<int[]> trainLabels,
    Optional<RawImages> test,
    Optional<int[]> testLabels) {

  static DataParts of(RawImages images, Optional<int[]> labels) {
    return new DataParts(images, labels, Optional.empty(), Optional.empty());
  }

  /**
   * With images to test with: each fifth is taken out where it is not told which. Of fewer than
   * five, all are for both.
   */
  DataParts withTest() {
    if (test.isPresent()) {
      return this;
    }
    int count = train.count();
    if (count < RawImages.TEST_EVERY) {
      return new DataParts(train, trainLabels, Optional.of(train), trainLabels);
    }
    int[] forTest = IntStream.range(0, count).filter(DataParts::isForTest).toArray();
    int[] others = IntStream.range(0, count).filter(i -> !isForTest(i)).toArray();
    return new DataParts(
        train.some(others),
        trainLabels.map(labels -> some(labels, others)),
        Optional.of(train.some(forTest)),
        trainLabels.map(labels -> some(labels, forTest)));
  }

  private static boolean isForTest(int i) {
    return i % RawImages.TEST_EVERY == RawImages.TEST_EVERY - 1;
  }

  private static int[] some(int[] labels, int[] chosen) {
    return Arrays.stream(chosen).map(i -> labels[i]).toArray();
  }
}
