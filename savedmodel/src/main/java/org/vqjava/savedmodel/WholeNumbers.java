/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;

/** Whole numbers that a constant holds. */
final class WholeNumbers {
  private static final int MOST = 64;

  private WholeNumbers() {}

  /** Empty for other types, for more than a few numbers, and where they are not as many as said. */
  static Optional<List<Long>> of(TensorProto tensor) {
    long size = 1;
    for (var dimension : tensor.getTensorShape().getDimList()) {
      size = dimension.getSize() > MOST ? -1 : size * dimension.getSize();
      if (size < 0 || size > MOST) {
        return Optional.empty();
      }
    }
    boolean wide = tensor.getDtype() == DataType.DT_INT64;
    if (!wide && tensor.getDtype() != DataType.DT_INT32) {
      return Optional.empty();
    }
    List<Long> numbers =
        tensor.getTensorContent().isEmpty() ? listed(tensor, wide) : packed(tensor, wide);
    while (!numbers.isEmpty() && numbers.size() < size) {
      numbers.add(numbers.get(numbers.size() - 1)); // equal ones at the end are written once
    }
    return numbers.size() == size ? Optional.of(List.copyOf(numbers)) : Optional.empty();
  }

  private static List<Long> listed(TensorProto tensor, boolean wide) {
    return wide
        ? new ArrayList<>(tensor.getInt64ValList())
        : new ArrayList<>(tensor.getIntValList().stream().map(Integer::longValue).toList());
  }

  private static List<Long> packed(TensorProto tensor, boolean wide) {
    ByteBuffer bytes =
        tensor.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<Long> numbers = new ArrayList<>();
    while (bytes.remaining() >= (wide ? Long.BYTES : Integer.BYTES) && numbers.size() <= MOST) {
      numbers.add(wide ? bytes.getLong() : bytes.getInt());
    }
    return numbers;
  }
}
