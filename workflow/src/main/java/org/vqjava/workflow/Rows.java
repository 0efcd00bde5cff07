/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyRows;
import org.vqjava.clustering.archive.NumpyType;

/**
 * What a file or folder has, some rows at a time.
 *
 * @param rows of it; a {@code .npy} whose rows are in order is never read whole
 * @param scale which numbers are 0 and 1 in images, where the type tells
 */
record Rows(NumpyRows rows, Optional<PixelScale> scale) implements AutoCloseable {

  /**
   * Opens an array of NumPy, an IDX file, a PNG file, or a folder of PNG files.
   *
   * @param name what it is called in messages
   * @param array which one, of an {@code .npz} with several
   */
  static Rows open(String name, Path path, Optional<String> array) throws IOException {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          name + " must be a file or folder that exists, got " + path);
    }
    if (Files.isDirectory(path)) {
      return of(PngFolder.read(path, false).train());
    }
    return switch (DataFiles.Kind.of(path)) {
      case NPY -> of(NumpyRows.open(path));
      case NPZ -> of(NumpyRows.of(arrayOf(path, array)));
      case PNG -> of(PngFolder.images(List.of(path), null));
      case IDX -> of(IdxFile.images(path));
    };
  }

  private static Rows of(NumpyRows rows) {
    return new Rows(rows, ArrayImages.scale(rows.type()));
  }

  private static Rows of(RawImages images) {
    Shape shape = images.format().batchShape().tail().prepend(images.count());
    NumpyArray array = NumpyArray.of(NumpyType.FLOAT32, shape, images.numbers());
    return new Rows(NumpyRows.of(array), images.scale());
  }

  private static NumpyArray arrayOf(Path file, Optional<String> wanted) throws IOException {
    List<String> names = NumpyFiles.names(file);
    if (names.size() > 1 && wanted.isEmpty()) {
      throw new IllegalArgumentException(
          file + " must have one array, or array must tell which, got " + names);
    }
    String name = wanted.orElse(names.get(0));
    NumpyArray array = NumpyFiles.read(file, ArrayImages.MOST_BYTES, List.of(name)).get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "array must be one of those of " + file + ", " + names + ", got " + name);
    }
    return array;
  }

  long count() {
    return rows.shape().get(0);
  }

  /** Whether each row is what a model takes; a last axis of one channel may be missing. */
  void check(String name, Path path, Shape row) {
    Shape own = rows.shape().tail();
    if (!own.equals(row) && !own.append(1).equals(row)) {
      throw new IllegalArgumentException(
          name
              + " must be of shape "
              + LongStream.of(row.asArray())
                  .mapToObj(Long::toString)
                  .collect(Collectors.joining(", ", row.numDimensions() == 0 ? "[N" : "[N, ", "]"))
              + ", as the model takes, got "
              + path
              + " of shape "
              + Arrays.toString(rows.shape().asArray()));
    }
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
