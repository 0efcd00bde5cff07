/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

class TensorValuesTest {
  @Test
  void readsEveryNumericTypeAndBooleans() {
    read(TFloat32.vectorOf(0.1f, Float.NaN), 0.1f, Double.NaN);
    read(TFloat64.vectorOf(0.1, -0.0), 0.1, -0.0);
    read(TInt32.vectorOf(Integer.MIN_VALUE, 7), Integer.MIN_VALUE, 7);
    read(TInt64.vectorOf(3_000_000_000L, -1), 3e9, -1);
    read(TUint8.vectorOf((byte) 200, (byte) 7), 200, 7);
    read(TBool.vectorOf(true, false), 1, 0);
  }

  @Test
  void readsRowByRowWhateverTheRank() {
    read(TInt32.tensorOf(Shape.of(2, 1, 3), DataBuffers.of(1, 2, 3, 4, 5, 6)), 1, 2, 3, 4, 5, 6);
    read(TInt32.scalarOf(5), 5);
    read(TFloat32.tensorOf(Shape.of(3, 0)));
  }

  @Test
  void refusesText() {
    try (TString text = TString.scalarOf("a")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> TensorValues.doubles(text))
              .getMessage();
      assertEquals("tensor must be numeric or bool, got " + text, message);
    }
  }

  private static void read(Tensor tensor, double... expected) {
    try (tensor) {
      assertArrayEquals(expected, TensorValues.doubles(tensor));
    }
  }
}
