/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import org.tensorflow.proto.DataType;

/** Types of tensors. */
final class Types {
  private static final int REFERENCE = DataType.DT_FLOAT_REF_VALUE - DataType.DT_FLOAT_VALUE;

  private Types() {}

  static boolean isReference(DataType type) {
    return type.getNumber() > REFERENCE;
  }

  /** Whether numbers of the type can be trained here. */
  static boolean isFloating(DataType type) {
    return type == DataType.DT_FLOAT || type == DataType.DT_DOUBLE;
  }

  /** The type itself, or for a reference to a variable that of its value. */
  static DataType valueType(DataType type) {
    return isReference(type) ? DataType.forNumber(type.getNumber() - REFERENCE) : type;
  }
}
