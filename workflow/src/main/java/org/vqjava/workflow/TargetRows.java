/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import java.util.Optional;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.savedmodel.ModelLoss;

/**
 * The array of a target, as the rows of the output it is for: as it is, with axes of size 1 aligned
 * ({@code [N]} for {@code [N, 1]}), or, for a cross entropy, the numbers of classes made one-hot
 * ({@code [N]} for {@code [N, C]}).
 *
 * @param rows the numbers, or the numbers of classes
 * @param row the shape of a row of the array, axes of size 1 aligned
 * @param classes C of the numbers of classes, else 0
 */
record TargetRows(ExampleRows<?> rows, Shape row, int classes) {

  /**
   * What a target is for.
   *
   * @param name of the output
   * @param shape of the output, one axis or more
   * @param loss by which they are compared
   */
  record Output(String name, Shape shape, ModelLoss loss) {
    /** Refuses what has no rows, or no classes. */
    Output {
      int least = loss == ModelLoss.MSE ? 1 : 2;
      if (shape.isUnknown() || shape.numDimensions() < least) {
        throw new IllegalArgumentException(
            "output "
                + name
                + " must have an axis of rows"
                + (least == 1 ? "" : " and one of classes for " + loss)
                + ", got shape "
                + shape);
      }
    }
  }

  /**
   * Fits an array to an output.
   *
   * @param label of the array, in messages
   * @param array one row or more
   * @param output what it is for
   * @throws IllegalArgumentException if it does not fit
   */
  static TargetRows of(String label, NumpyArray array, Output output) {
    long[] target = array.shape().tail().asArray();
    long[] wanted = output.shape().tail().asArray();
    if (array.shape().tail().isCompatibleWith(output.shape().tail())) {
      return new TargetRows(ExampleRows.of(array, TFloat32.class), Shape.of(target), 0);
    }
    long classes = output.loss() == ModelLoss.MSE ? 0 : wanted[wanted.length - 1];
    if (classes > 1) {
      Optional<Shape> labels = aligned(target, Arrays.copyOf(wanted, wanted.length - 1));
      if (labels.isPresent()) {
        return labels(array, labels.get(), output, Math.toIntExact(classes));
      }
    }
    Shape row =
        aligned(target, wanted)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        label
                            + " must be of the shape of output "
                            + output.name()
                            + ", "
                            + output.shape()
                            + (classes > 1
                                ? ", or numbers of classes of shape "
                                    + output.shape().take(wanted.length)
                                : "")
                            + ", got "
                            + array.shape()));
    return new TargetRows(ExampleRows.of(array, TFloat32.class), row, 0);
  }

  private static TargetRows labels(NumpyArray array, Shape row, Output output, int classes) {
    try {
      array.longs(0, classes - 1L);
      return new TargetRows(ExampleRows.of(array, TInt32.class), row, classes);
    } catch (IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage()).replace("; the model takes int32", "");
      throw new IllegalArgumentException(
          reason + "; output " + output.name() + " is of shape " + output.shape(), e);
    }
  }

  /** The target's sizes where the wanted ones are, if they differ by axes of size 1 alone. */
  private static Optional<Shape> aligned(long[] target, long[] wanted) {
    long[] sizes = Arrays.stream(target).filter(size -> size != 1).toArray();
    long[] row = new long[wanted.length];
    int taken = 0;
    for (int axis = 0; axis < wanted.length; axis++) {
      boolean unknown = wanted[axis] == Shape.UNKNOWN_SIZE;
      if (wanted[axis] == 1 || (unknown && taken == sizes.length)) {
        row[axis] = 1;
      } else if (taken < sizes.length && (unknown || wanted[axis] == sizes[taken])) {
        row[axis] = sizes[taken++];
      } else {
        return Optional.empty();
      }
    }
    return taken == sizes.length ? Optional.of(Shape.of(row)) : Optional.empty();
  }

  /**
   * Some rows.
   *
   * @param chosen which
   * @return of the output's rank; the caller closes it
   */
  Tensor of(int[] chosen) {
    return classes == 0 ? rows.of(chosen, row) : oneHot(chosen);
  }

  private Tensor oneHot(int[] chosen) {
    int width = Math.toIntExact(row.size());
    try (TInt32 labels = (TInt32) rows.of(chosen, Shape.of(width))) {
      float[] hot = new float[Math.multiplyExact(chosen.length * width, classes)];
      for (int i = 0; i < chosen.length * width; i++) {
        hot[i * classes + labels.getInt(i / width, i % width)] = 1;
      }
      return TFloat32.tensorOf(row.append(classes).prepend(chosen.length), DataBuffers.of(hot));
    }
  }
}
