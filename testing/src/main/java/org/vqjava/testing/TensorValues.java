/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import org.tensorflow.Tensor;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** Reads a tensor's values, whatever its type and rank, as a flat array. */
public final class TensorValues {
  private TensorValues() {}

  /**
   * The values as doubles; a boolean as 1 or 0.
   *
   * @param tensor a numeric or boolean tensor
   * @return a new array, row-major
   */
  public static double[] doubles(Tensor tensor) {
    int size = Math.toIntExact(tensor.shape().size());
    double[] values = new double[size];
    int[] i = {0};
    if (tensor instanceof TFloat32 t) {
      t.scalars().forEach(v -> values[i[0]++] = v.getFloat());
    } else if (tensor instanceof TFloat64 t) {
      t.scalars().forEach(v -> values[i[0]++] = v.getDouble());
    } else if (tensor instanceof TInt32 t) {
      t.scalars().forEach(v -> values[i[0]++] = v.getInt());
    } else if (tensor instanceof TInt64 t) {
      t.scalars().forEach(v -> values[i[0]++] = v.getLong());
    } else if (tensor instanceof TUint8 t) {
      t.scalars().forEach(v -> values[i[0]++] = Byte.toUnsignedInt(v.getByte()));
    } else if (tensor instanceof TBool t) {
      t.scalars().forEach(v -> values[i[0]++] = v.getBoolean() ? 1 : 0);
    } else {
      throw new IllegalArgumentException("tensor must be numeric or bool, got " + tensor);
    }
    return values;
  }
}
