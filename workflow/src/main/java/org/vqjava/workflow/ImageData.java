/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Images to train on and others, of the same size, to test with.
 *
 * @param train to train on
 * @param test to test with
 * @param scale which numbers of the file became 0 and 1, if its type did not tell
 */
record ImageData(ImageSet train, ImageSet test, Optional<PixelScale> scale) {

  /** The digits that come with this module, or images of a file or folder. */
  static ImageData of(Optional<Path> path) throws IOException {
    return path.isEmpty()
        ? new ImageData(Digits.train().images(), Digits.test().images(), Optional.empty())
        : of(DataFiles.read(path.get(), false).withTest());
  }

  /** Of parts that have images to test with. */
  static ImageData of(DataParts parts) {
    RawImages train = parts.train();
    RawImages test = parts.test().orElseThrow();
    if (!train.format().sameSizes(test.format())) {
      throw new IllegalArgumentException(
          "the test images must be of the size of the others, "
              + train.format().sizes()
              + ", got "
              + test.format().sizes());
    }
    PixelScale scale = train.scale().orElseGet(() -> PixelScale.of(train.numbers()));
    return new ImageData(
        train.scaled(scale),
        test.scaled(scale),
        train.scale().isPresent() ? Optional.empty() : Optional.of(scale));
  }

  /** What there is, in a few words. */
  String told() {
    return String.format(
        Locale.ROOT,
        "%d images to train on, %d to test with, %s%s",
        train.count(),
        test.count(),
        train.format().sizes(),
        scale
            .filter(s -> !s.equals(PixelScale.NONE))
            .map(s -> "; numbers from " + s + " become 0 to 1")
            .orElse(""));
  }
}
