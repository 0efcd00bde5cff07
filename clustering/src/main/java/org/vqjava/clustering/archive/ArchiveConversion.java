/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Archives to NumPy's files and back, so that Python reads and makes them. */
public final class ArchiveConversion {
  private ArchiveConversion() {}

  /**
   * Decodes an archive into a {@code .npz}: {@code numpy.load(file)["name"]}.
   *
   * @param archive is read
   * @param npz is written
   * @throws IllegalArgumentException if it is no archive, or damaged
   * @throws IOException if a file cannot be read or written
   */
  public static void toNumpy(Path archive, Path npz) throws IOException {
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    for (ArchivedTensor tensor : ArchiveReader.read(archive)) {
      arrays.put(tensor.name(), NumpyArray.of(NumpyType.FLOAT32, tensor.shape(), tensor.decode()));
    }
    NumpyFiles.write(npz, arrays);
  }

  /**
   * Packs a {@code .npz} or {@code .npy} into an archive, each array in {@linkplain
   * ArchivedTensor#exact the smallest form that keeps every bit}.
   *
   * @param numpy is read
   * @param archive is written
   * @param options how it is written; 16-bit centroids do not keep every bit
   * @throws IllegalArgumentException if it is no such file, damaged, or has arrays of other numbers
   * @throws IOException if a file cannot be read or written
   */
  public static void fromNumpy(Path numpy, Path archive, ArchiveOptions options)
      throws IOException {
    List<ArchivedTensor> tensors =
        NumpyFiles.read(numpy, ArchiveReader.DEFAULT_LIMIT).entrySet().stream()
            .map(e -> ArchivedTensor.exact(e.getKey(), e.getValue().shape(), e.getValue().floats()))
            .toList();
    ArchiveWriter.write(archive, tensors, options);
  }
}
