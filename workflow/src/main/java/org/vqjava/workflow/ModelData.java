/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;

/**
 * Examples for a model: an array for each input, and one for the target of each output that is
 * trained, all with as many rows.
 */
final class ModelData {
  /** Before the name of an output, the name of its target. */
  static final String TARGET = "target:";

  private static final long MOST_BYTES = 1L << 34;

  private final Path file;
  private final Map<String, Examples> arrays;
  private final Map<String, TargetRows> targets;
  private final int rows;

  /** An array, and the shape of a row as the model takes it. */
  private record Examples(ExampleRows<?> rows, Shape row) {}

  private ModelData(
      Path file, Map<String, Examples> arrays, Map<String, TargetRows> targets, int rows) {
    this.file = file;
    this.arrays = arrays;
    this.targets = targets;
    this.rows = rows;
  }

  /**
   * Reads a {@code .npz}, and checks that it has what a training asks for.
   *
   * @param file a {@code .npz}
   * @param fed by name, inputs and targets
   * @param outputs by the name of the target, what it is for
   * @throws IllegalArgumentException if an array is missing, there are no rows, or not as many
   *     everywhere, or an array does not fit what it is fed to
   */
  static ModelData read(
      Path file, Map<String, Operand<?>> fed, Map<String, TargetRows.Output> outputs)
      throws IOException {
    Map<String, NumpyArray> all = NumpyFiles.read(file, MOST_BYTES, fed.keySet());
    Map<String, Examples> used = new LinkedHashMap<>();
    Map<String, TargetRows> targets = new LinkedHashMap<>();
    long rows = -1;
    for (String name : fed.keySet()) {
      NumpyArray array = all.get(name);
      if (array == null) {
        throw new IllegalArgumentException(
            file + " must have an array " + name + ", got " + NumpyFiles.names(file));
      }
      rows = rows(file, name, array.shape(), rows);
    }
    for (Map.Entry<String, Operand<?>> entry : fed.entrySet()) {
      NumpyArray array = Objects.requireNonNull(all.remove(entry.getKey()));
      TargetRows.Output output = outputs.get(entry.getKey());
      if (output != null) {
        String label = file + ", " + entry.getKey();
        targets.put(entry.getKey(), TargetRows.of(label, array, output));
        continue;
      }
      Operand<?> operand = entry.getValue();
      if (!fits(array.shape(), operand.shape())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s, %s must be of shape %s, got %s",
                file,
                entry.getKey(),
                operand.shape(),
                array.shape()));
      }
      ExampleRows<?> examples = ExampleRows.of(array, operand.type());
      used.put(entry.getKey(), new Examples(examples, array.shape().tail()));
    }
    return new ModelData(file, used, targets, Math.toIntExact(rows));
  }

  /** How many rows it takes at a time is told later. */
  private static boolean fits(Shape array, Shape fed) {
    return fed.isUnknown()
        || (array.numDimensions() == fed.numDimensions()
            && array.tail().isCompatibleWith(fed.tail()));
  }

  private static long rows(Path file, String name, Shape shape, long others) {
    long own = shape.isScalar() ? 0 : shape.get(0);
    if (own == 0 || (others >= 0 && own != others)) {
      throw new IllegalArgumentException(
          file
              + ", "
              + name
              + " must have "
              + (others < 0 ? "one row or more" : others + " rows, as the others")
              + ", got shape "
              + shape);
    }
    return own;
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
  Tensor rows(String name, int[] chosen) {
    TargetRows target = targets.get(name);
    if (target != null) {
      return target.of(chosen);
    }
    Examples examples = Objects.requireNonNull(arrays.get(name), name);
    return examples.rows().of(chosen, examples.row());
  }

  /** All rows, in order, some at a time. */
  int[] batch(int first, int size) {
    int[] chosen = new int[Math.min(size, rows - first)];
    Arrays.setAll(chosen, i -> first + i);
    return chosen;
  }
}
