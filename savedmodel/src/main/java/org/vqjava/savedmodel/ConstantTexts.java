/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** The texts of a constant tensor, in both forms in which graphs hold them. */
final class ConstantTexts {
  private ConstantTexts() {}

  /** As they are written, where equal ones at the end may be written once; none of another type. */
  static List<String> of(TensorProto tensor) {
    if (tensor.getDtype() != DataType.DT_STRING) {
      return List.of();
    }
    return tensor.getTensorContent().isEmpty()
        ? tensor.getStringValList().stream().map(ByteString::toStringUtf8).toList()
        : packed(tensor);
  }

  /** The lengths of all, then their bytes. */
  private static List<String> packed(TensorProto tensor) {
    long count = 1;
    for (TensorShapeProto.Dim size : tensor.getTensorShape().getDimList()) {
      count *= size.getSize();
    }
    if (count < 0 || count > tensor.getTensorContent().size()) {
      throw new IllegalArgumentException("texts must be as many as their shape says, got " + count);
    }
    CodedInputStream in = tensor.getTensorContent().newCodedInput();
    try {
      int[] lengths = new int[(int) count];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = in.readRawVarint32();
      }
      List<String> texts = new ArrayList<>();
      for (int length : lengths) {
        texts.add(ByteString.copyFrom(in.readRawBytes(length)).toStringUtf8());
      }
      return texts;
    } catch (IOException e) {
      throw new IllegalArgumentException("texts must be whole, got others: " + e.getMessage(), e);
    }
  }
}
