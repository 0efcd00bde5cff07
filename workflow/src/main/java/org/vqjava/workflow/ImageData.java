/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Images to train on and others, of the same size, to test with.
 *
 * @param train to train on
 * @param test to test with
 */
record ImageData(ImageSet train, ImageSet test) {
  private static final String TRAIN = "train-images-idx3-ubyte";
  private static final String TEST = "t10k-images-idx3-ubyte";

  /** The digits that come with this module, or the IDX files of a directory. */
  static ImageData of(Optional<Path> directory) throws IOException {
    if (directory.isEmpty()) {
      return new ImageData(Digits.train().images(), Digits.test().images());
    }
    ImageSet train = IdxFile.images(file(directory.get(), TRAIN));
    ImageSet test = IdxFile.images(file(directory.get(), TEST));
    if (train.height() != test.height() || train.width() != test.width()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the test images must be of the size of the others, %d x %d, got %d x %d",
              train.height(),
              train.width(),
              test.height(),
              test.width()));
    }
    if (train.height() % 2 != 0 || train.width() % 2 != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "images must have an even height and width, as the network halves them, got %d x %d",
              train.height(),
              train.width()));
    }
    return new ImageData(train, test);
  }

  /** A file of a name, with or without the ending of gzip. */
  static Path file(Path directory, String name) {
    for (String ending : List.of("", ".gz")) {
      Path file = directory.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new IllegalArgumentException(
        "data must be a directory with " + name + " or " + name + ".gz, got " + directory);
  }
}
