/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.EnumMap;
import java.util.Map;
import org.tensorflow.proto.DataType;

/** How many bytes of a checkpoint an element takes. */
final class ElementBytes {
  private static final Map<DataType, Integer> FIXED = new EnumMap<>(DataType.class);

  static {
    for (DataType type : DataType.values()) {
      switch (type) {
        case DT_BOOL,
            DT_INT8,
            DT_UINT8,
            DT_QINT8,
            DT_QUINT8,
            DT_INT4, // one in each byte, in files as in memory
            DT_UINT4,
            DT_FLOAT8_E5M2,
            DT_FLOAT8_E4M3FN ->
            FIXED.put(type, 1);
        case DT_HALF, DT_BFLOAT16, DT_INT16, DT_UINT16, DT_QINT16, DT_QUINT16 -> FIXED.put(type, 2);
        case DT_FLOAT, DT_INT32, DT_UINT32, DT_QINT32 -> FIXED.put(type, 4);
        case DT_DOUBLE, DT_INT64, DT_UINT64, DT_COMPLEX64 -> FIXED.put(type, 8);
        case DT_COMPLEX128 -> FIXED.put(type, 16);
        default -> {}
      }
    }
  }

  private ElementBytes() {}

  /** Whether tensors of the type can be in a checkpoint. */
  static boolean known(DataType type) {
    return FIXED.containsKey(type) || varies(type);
  }

  /** Whether elements are of different length, each at least a byte that tells it. */
  static boolean varies(DataType type) {
    return type == DataType.DT_STRING || type == DataType.DT_VARIANT;
  }

  /** Of each, or of the shortest if they vary. */
  static int of(DataType type) {
    return FIXED.getOrDefault(type, 1);
  }
}
