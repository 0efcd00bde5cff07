/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/** Values of tensors in arrays. */
final class Values {
  private Values() {}

  static double[] of(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.shape().size())];
    if (tensor instanceof TFloat64) {
      tensor.asRawTensor().data().asDoubles().read(values);
    } else if (tensor instanceof TFloat32) {
      float[] narrow = new float[values.length];
      tensor.asRawTensor().data().asFloats().read(narrow);
      Arrays.setAll(values, i -> narrow[i]);
    } else {
      throw new IllegalArgumentException("tensor must be float32 or float64, got " + tensor);
    }
    return values;
  }

  static int[] ints(Tensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.shape().size())];
    ((TInt32) tensor).asRawTensor().data().asInts().read(values);
    return values;
  }

  static TFloat64 tensor(Shape shape, double[] values) {
    return TFloat64.tensorOf(shape, DataBuffers.of(values));
  }
}
