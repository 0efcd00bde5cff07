/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;

/** Images and labels in arrays of NumPy, found by the names that data sets give them. */
final class ArrayImages {
  /** Beyond it the numbers of a file are no array of Java's. */
  static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

  private static final int MOST_LABEL = 65_535;

  private static final Set<String> TRAIN_IMAGES =
      Set.of("x_train", "train_x", "train_images", "images_train", "train_data", "train");
  private static final Set<String> TRAIN_LABELS =
      Set.of("y_train", "train_y", "train_labels", "labels_train", "train_label", "train_targets");
  private static final Set<String> TEST_IMAGES =
      Set.of("x_test", "test_x", "test_images", "images_test", "test_data", "test");
  private static final Set<String> TEST_LABELS =
      Set.of("y_test", "test_y", "test_labels", "labels_test", "test_label", "test_targets");
  private static final Set<String> IMAGES = Set.of("images", "image", "x", "data", "imgs", "arr_0");
  private static final Set<String> LABELS =
      Set.of("labels", "label", "y", "target", "targets", "arr_1");

  private ArrayImages() {}

  /**
   * The arrays of files.
   *
   * @param files by the names of their arrays: which file has each
   * @param given what to name in messages
   */
  static DataParts read(Path given, Map<String, Path> files, boolean labelled) throws IOException {
    Optional<String> train = find(files, TRAIN_IMAGES);
    Optional<String> test = find(files, TEST_IMAGES);
    boolean parted = train.isPresent() && test.isPresent();
    Optional<String> images =
        parted ? train : find(files, IMAGES).or(() -> train).or(() -> only(files));
    if (images.isEmpty()) {
      throw new IllegalArgumentException(
          given
              + " must have arrays x_train and x_test, or train_images and test_images, or images,"
              + " got "
              + files.keySet());
    }
    Optional<String> labels = find(files, train.equals(images) ? TRAIN_LABELS : LABELS);
    Optional<String> testLabels = parted ? find(files, TEST_LABELS) : Optional.empty();
    if (labelled && (labels.isEmpty() || (parted && testLabels.isEmpty()))) {
      throw new IllegalArgumentException(
          given
              + " must have labels beside the images "
              + images.get()
              + (parted ? ", y_train and y_test or train_labels and test_labels" : ", labels or y")
              + ", got "
              + files.keySet());
    }
    return new DataParts(
        images(array(files, images.get()), given + ", " + images.get()),
        labelled ? Optional.of(labels(files, labels.orElseThrow(), given)) : Optional.empty(),
        parted
            ? Optional.of(images(array(files, test.orElseThrow()), given + ", " + test.get()))
            : Optional.empty(),
        labelled && parted
            ? Optional.of(labels(files, testLabels.orElseThrow(), given))
            : Optional.empty());
  }

  /** Which file has which array. */
  static Map<String, Path> names(List<Path> files) throws IOException {
    Map<String, Path> names = new LinkedHashMap<>();
    for (Path file : files) {
      for (String name : NumpyFiles.names(file)) {
        names.put(name, file);
      }
    }
    return names;
  }

  private static Optional<String> find(Map<String, Path> files, Set<String> names) {
    return files.keySet().stream()
        .filter(name -> names.contains(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  private static Optional<String> only(Map<String, Path> files) {
    return files.size() == 1 ? files.keySet().stream().findFirst() : Optional.empty();
  }

  private static NumpyArray array(Map<String, Path> files, String name) throws IOException {
    Path file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException("name must be one of " + files.keySet() + ", got " + name);
    }
    NumpyArray array = NumpyFiles.read(file, MOST_BYTES, List.of(name)).get(name);
    if (array == null) {
      throw new IllegalArgumentException(file + " must have an array " + name);
    }
    return array;
  }

  /** Images {@code [N, H, W]} or {@code [N, H, W, C]}. */
  static RawImages images(NumpyArray array, String what) {
    Shape shape = array.shape();
    int rank = shape.numDimensions();
    if (rank != 3 && rank != 4) {
      throw new IllegalArgumentException(
          what
              + " must be images [N, height, width] or [N, height, width, channels], got "
              + shape);
    }
    if (shape.size() == 0) {
      throw new IllegalArgumentException(what + " must have one image or more, got " + shape);
    }
    float[] numbers = array.floats();
    int wrong = 0;
    for (float number : numbers) {
      wrong += Float.isFinite(number) ? 0 : 1;
    }
    if (wrong > 0) {
      throw new IllegalArgumentException(
          what
              + " must have finite numbers, got "
              + wrong
              + " of "
              + numbers.length
              + " that are not");
    }
    ImageFormat format =
        new ImageFormat(
            (int) shape.get(1), (int) shape.get(2), rank == 4 ? (int) shape.get(3) : 1, false);
    return new RawImages(numbers, format, scale(array.type()));
  }

  /** Which numbers are 0 and 1, where the type tells. */
  static Optional<PixelScale> scale(NumpyType type) {
    return switch (type) {
      case BOOL -> Optional.of(PixelScale.NONE);
      case UINT8 -> Optional.of(PixelScale.BYTES);
      case UINT16 -> Optional.of(PixelScale.SHORTS);
      default -> Optional.empty();
    };
  }

  private static int[] labels(Map<String, Path> files, String name, Path given) throws IOException {
    NumpyArray array = array(files, name);
    Shape shape = array.shape();
    boolean column = shape.numDimensions() == 2 && shape.get(1) == 1;
    if (shape.numDimensions() != 1 && !column) {
      throw new IllegalArgumentException(
          given + ", " + name + " must have a class number for each image, [N], got " + shape);
    }
    List<Integer> labels = new ArrayList<>();
    for (long label : array.longs(0, MOST_LABEL)) {
      labels.add((int) label);
    }
    return labels.stream().mapToInt(Integer::intValue).toArray();
  }
}
