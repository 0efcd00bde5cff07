/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Images in any of the forms that are read, told apart by what is there. */
final class DataFiles {
  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private DataFiles() {}

  /** What a file is by its first bytes. */
  enum Kind {
    /** An array of NumPy. */
    NPY,
    /** Several. */
    NPZ,
    PNG,
    /** Or anything else, of which the reader says what is wrong. */
    IDX;

    static Kind of(Path file) throws IOException {
      byte[] start;
      try (InputStream in = Files.newInputStream(file)) {
        start = in.readNBytes(4);
      }
      if (begins(start, 0x93, 'N', 'U', 'M') || named(file, ".npy")) {
        return NPY;
      }
      if (begins(start, 'P', 'K') || named(file, ".npz")) {
        return NPZ;
      }
      return begins(start, 0x89, 'P', 'N', 'G') || named(file, ".png") ? PNG : IDX;
    }

    private static boolean begins(byte[] start, int... expected) {
      boolean same = start.length >= expected.length;
      for (int i = 0; same && i < expected.length; i++) {
        same = (start[i] & 0xFF) == expected[i];
      }
      return same;
    }
  }

  private static boolean named(Path file, String... endings) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return Stream.of(endings).anyMatch(name::endsWith);
  }

  /**
   * What there is to train on and to test with.
   *
   * @param labelled whether labels are asked for
   * @throws IllegalArgumentException if there is nothing of a known form, or it is not what it says
   */
  static DataParts read(Path path, boolean labelled) throws IOException {
    if (Files.isDirectory(path)) {
      return readFolder(path, labelled);
    }
    if (!Files.exists(path)) {
      throw unknown(path, "which does not exist");
    }
    return switch (Kind.of(path)) {
      case NPY, NPZ -> ArrayImages.read(path, ArrayImages.names(List.of(path)), labelled);
      case PNG -> withoutLabels(path, labelled, PngFolder.images(List.of(path), null));
      case IDX -> withoutLabels(path, labelled, IdxFile.images(path));
    };
  }

  private static DataParts withoutLabels(Path path, boolean labelled, RawImages images) {
    if (labelled) {
      throw new IllegalArgumentException(
          "data must have labels for a classifier: the folder of " + path + ", or an .npz");
    }
    return DataParts.of(images, Optional.empty());
  }

  private static DataParts readFolder(Path folder, boolean labelled) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(Files::isRegularFile).sorted().toList();
    }
    if (files.stream().anyMatch(file -> named(file, "-ubyte", "-ubyte.gz"))) {
      return readIdx(folder, labelled);
    }
    List<Path> arrays = files.stream().filter(file -> named(file, ".npy", ".npz")).toList();
    if (!arrays.isEmpty()) {
      return ArrayImages.read(folder, ArrayImages.names(arrays), labelled);
    }
    if (PngFolder.isOne(folder)) {
      return PngFolder.read(folder, labelled);
    }
    throw unknown(folder, "which has none of these");
  }

  private static DataParts readIdx(Path folder, boolean labelled) throws IOException {
    return new DataParts(
        IdxFile.images(file(folder, TRAIN_IMAGES)),
        labelled ? Optional.of(IdxFile.labels(file(folder, TRAIN_LABELS))) : Optional.empty(),
        Optional.of(IdxFile.images(file(folder, TEST_IMAGES))),
        labelled ? Optional.of(IdxFile.labels(file(folder, TEST_LABELS))) : Optional.empty());
  }

  /** A file of a name, with or without the ending of gzip. */
  private static Path file(Path folder, String name) {
    for (String ending : List.of("", ".gz")) {
      Path file = folder.resolve(name + ending);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new IllegalArgumentException(
        "data must be a directory with " + name + " or " + name + ".gz, got " + folder);
  }

  private static IllegalArgumentException unknown(Path path, String what) {
    return new IllegalArgumentException(
        "data must be a folder with "
            + TRAIN_IMAGES
            + " and "
            + TEST_IMAGES
            + " (gz or not), with .npy or .npz files, or with PNG files, or one such file, got "
            + path
            + ", "
            + what);
  }
}
