/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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

  private static final Map<Class<?>, double[]> WHOLE =
      Map.of(
          TInt32.class, new double[] {Integer.MIN_VALUE, Integer.MAX_VALUE},
          TInt64.class, new double[] {Long.MIN_VALUE, Long.MAX_VALUE},
          TUint8.class, new double[] {0, 255},
          TBool.class, new double[] {0, 1});

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
   * @throws IllegalArgumentException if an array is missing, there are no rows, or not as many
   *     everywhere, or an array does not fit what it is fed to
   */
  static ModelData read(Path file, Map<String, Operand<?>> fed) throws IOException {
    Map<String, Array> all = NumpyFiles.read(file, MOST_BYTES);
    Map<String, Array> used = new LinkedHashMap<>();
    long rows = -1;
    for (String name : fed.keySet()) {
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
    fed.forEach((name, operand) -> checkNumbers(file, name, used, operand.type()));
    return new ModelData(file, used, Math.toIntExact(rows));
  }

  /** Numbers are fed as they are, never cut: a model of token 3 is not asked for 3.7. */
  private static void checkNumbers(
      Path file, String name, Map<String, Array> arrays, Class<?> type) {
    double[] range = WHOLE.get(type);
    Array array = arrays.get(name);
    if (range == null || array == null) {
      return;
    }
    for (float value : array.values()) {
      if (value != Math.rint(value) || value < range[0] || value > range[1]) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s, %s must have whole numbers from %.0f to %.0f, as the model takes %s, got %s",
                file,
                name,
                range[0],
                range[1],
                type.getSimpleName().substring(1).toLowerCase(Locale.ROOT),
                value));
      }
    }
  }

  /** A model may take so many rows at a time and no others. */
  void checkBatch(int batch, Map<String, Operand<?>> fed) {
    for (Map.Entry<String, Operand<?>> entry : fed.entrySet()) {
      Shape shape = entry.getValue().shape();
      boolean fixed = !shape.isUnknown() && shape.numDimensions() > 0 && shape.get(0) > 0;
      if (fixed && shape.get(0) != batch) {
        throw new IllegalArgumentException(
            "batch must be "
                + shape.get(0)
                + ", as the model takes so many rows of "
                + entry.getKey()
                + " at a time, got "
                + batch);
      }
      if (fixed && rows % batch != 0) {
        throw new IllegalArgumentException(
            file
                + " must have a multiple of "
                + batch
                + " rows, as the model takes so many at a time, got "
                + rows);
      }
    }
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
