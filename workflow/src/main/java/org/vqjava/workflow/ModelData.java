/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyFiles.Array;

/**
 * Examples for a model: an array for each input, and one for the target of each output that is
 * trained, all with as many rows.
 */
final class ModelData {
  /** Before the name of an output, the name of its target. */
  static final String TARGET = "target:";

  private static final long MOST_BYTES = 1L << 34;

  private final Path file;
  private final Map<String, Array> arrays;
  private final int rows;

  private ModelData(Path file, Map<String, Array> arrays, int rows) {
    this.file = file;
    this.arrays = arrays;
    this.rows = rows;
  }

  /**
   * Reads a {@code .npz}, and checks that it has what a training asks for.
   *
   * @throws IllegalArgumentException if an array is missing, or there are no rows, or not as many
   *     everywhere
   */
  static ModelData read(Path file, Set<String> names) throws IOException {
    Map<String, Array> all = NumpyFiles.read(file, MOST_BYTES);
    Map<String, Array> used = new LinkedHashMap<>();
    long rows = -1;
    for (String name : names) {
      Array array = all.get(name);
      if (array == null) {
        throw new IllegalArgumentException(
            file + " must have an array " + name + ", got " + all.keySet());
      }
      long own = array.shape().isScalar() ? 0 : array.shape().get(0);
      if (own == 0 || (rows >= 0 && own != rows)) {
        throw new IllegalArgumentException(
            file
                + ", "
                + name
                + " must have "
                + (rows < 0 ? "one row or more" : rows + " rows, as the others")
                + ", got shape "
                + array.shape());
      }
      rows = own;
      used.put(name, array);
    }
    return new ModelData(file, used, Math.toIntExact(rows));
  }

  int rows() {
    return rows;
  }

  /** Some rows of an array, in the type of what they are fed to; the caller closes them. */
  Tensor rows(String name, int[] chosen, Operand<?> fed) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(file + " must have an array " + name);
    }
    int width = array.values().length / rows;
    float[] values = new float[chosen.length * width];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(array.values(), chosen[i] * width, values, i * width, width);
    }
    Shape shape = array.shape().tail().prepend(chosen.length);
    if (!shape.isCompatibleWith(fed.shape())) {
      throw new IllegalArgumentException(
          file + ", " + name + " must be of shape " + fed.shape() + ", got " + array.shape());
    }
    return tensor(name, fed.type(), shape, values);
  }

  private Tensor tensor(String name, Class<?> type, Shape shape, float[] values) {
    int[] i = {0};
    if (type.equals(TFloat32.class)) {
      return TFloat32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setFloat(values[i[0]++])));
    }
    if (type.equals(TFloat64.class)) {
      return TFloat64.tensorOf(shape, t -> t.scalars().forEach(s -> s.setDouble(values[i[0]++])));
    }
    if (type.equals(TInt32.class)) {
      return TInt32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setInt((int) values[i[0]++])));
    }
    if (type.equals(TInt64.class)) {
      return TInt64.tensorOf(
          shape, t -> t.scalars().forEach(s -> s.setLong((long) values[i[0]++])));
    }
    if (type.equals(TUint8.class)) {
      return TUint8.tensorOf(
          shape, t -> t.scalars().forEach(s -> s.setByte((byte) (int) values[i[0]++])));
    }
    if (type.equals(TBool.class)) {
      return TBool.tensorOf(
          shape, t -> t.scalars().forEach(s -> s.setBoolean(values[i[0]++] != 0)));
    }
    throw new IllegalArgumentException(
        "input " + name + " must be of numbers or truth values, got " + type.getSimpleName());
  }

  /** All rows, in order, some at a time. */
  int[] batch(int first, int size) {
    int[] chosen = new int[Math.min(size, rows - first)];
    Arrays.setAll(chosen, i -> first + i);
    return chosen;
  }
}
