/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.savedmodel.ModelLoss;

class TargetRowsTest {
  private static TargetRows rows(ModelLoss loss, Shape output, Shape target, float... values) {
    return TargetRows.of(
        "target:y",
        NumpyArray.of(NumpyType.FLOAT32, target, values),
        new TargetRows.Output("y", output, loss));
  }

  private static void checkRow(Shape row, ModelLoss loss, Shape output, Shape target) {
    TargetRows rows = rows(loss, output, target, new float[(int) target.size()]);
    assertEquals(row, rows.row());
    assertEquals(0, rows.classes());
    try (Tensor tensor = rows.of(new int[] {1, 0})) {
      assertEquals(row.prepend(2), tensor.shape());
    }
  }

  private static void checkHot(Shape output, Shape target, float[] labels, float... hot) {
    TargetRows rows = rows(ModelLoss.XENT_LOGITS, output, target, labels);
    try (TFloat32 tensor = (TFloat32) rows.of(new int[] {1, 0})) {
      assertEquals(output.numDimensions(), tensor.shape().numDimensions());
      float[] got = new float[(int) tensor.size()];
      int[] next = {0};
      tensor.scalars().forEach(value -> got[next[0]++] = value.getFloat());
      assertArrayEquals(hot, got);
    }
  }

  private static void refused(String message, ModelLoss loss, Shape output, Shape target) {
    float[] values = new float[(int) target.size()];
    values[0] = 0.5f;
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> rows(loss, output, target, values))
            .getMessage());
  }

  @Test
  void axesOfSizeOneAreAligned() {
    for (ModelLoss loss : ModelLoss.values()) {
      checkRow(Shape.of(1), loss, Shape.of(-1, 1), Shape.of(3));
      checkRow(Shape.of(1, 1), loss, Shape.of(-1, 1, 1), Shape.of(3));
      checkRow(Shape.of(1), loss, Shape.of(3, 1), Shape.of(3, 1, 1));
      checkRow(Shape.of(2), loss, Shape.of(-1, 2), Shape.of(3, 2));
      checkRow(Shape.of(1, 2), loss, Shape.of(-1, 1, 2), Shape.of(3, 2));
      checkRow(Shape.of(4, 2), loss, Shape.of(-1, -1, 2), Shape.of(3, 4, 2));
    }
    checkRow(Shape.of(), ModelLoss.MSE, Shape.of(-1), Shape.of(3, 1));
    checkRow(Shape.of(1), ModelLoss.MSE, Shape.of(-1, -1), Shape.of(3));
  }

  @Test
  void classesBecomeOneHot() {
    for (Shape target : new Shape[] {Shape.of(2), Shape.of(2, 1)}) {
      checkHot(Shape.of(-1, 3), target, new float[] {2, 0}, 1, 0, 0, 0, 0, 1);
    }
    checkHot(Shape.of(-1, -1, 2), Shape.of(2, 2), new float[] {0, 1, 1, 1}, 0, 1, 0, 1, 1, 0, 0, 1);
  }

  @Test
  void whatDoesNotFitIsRefusedByName() {
    refused(
        "target:y must be of the shape of output y, [-1, 2], got [3]",
        ModelLoss.MSE,
        Shape.of(-1, 2),
        Shape.of(3));
    refused(
        "target:y must be of the shape of output y, [-1, 2], or numbers of classes of shape [-1],"
            + " got [3, 4]",
        ModelLoss.XENT_PROBS,
        Shape.of(-1, 2),
        Shape.of(3, 4));
    refused(
        "target:y must be of the shape of output y, [-1, 1], got [3, 2]",
        ModelLoss.XENT_LOGITS,
        Shape.of(-1, 1),
        Shape.of(3, 2));
    refused(
        "output y must have an axis of rows and one of classes for xent_probs, got shape [-1]",
        ModelLoss.XENT_PROBS,
        Shape.of(-1),
        Shape.of(3));
    refused(
        "output y must have an axis of rows, got shape []",
        ModelLoss.MSE,
        Shape.scalar(),
        Shape.of(3));
    refused(
        "array must have whole numbers from 0 to 1, got 0.5; output y is of shape [-1, 2]",
        ModelLoss.XENT_PROBS,
        Shape.of(-1, 2),
        Shape.of(3));
  }
}
