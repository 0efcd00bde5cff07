/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** Values of nodes' attributes. */
final class Attributes {
  /** What a tensor that is written shorter than it is may grow to. */
  private static final long MOST_REPEATED_BYTES = 64L << 20;

  private Attributes() {}

  /** Refuses what TensorFlow would take for granted, or take gigabytes for. */
  static void check(NodeDef node) {
    checkConstant(node);
    node.getAttrMap()
        .forEach(
            (name, value) -> {
              checkValue(node, name, value);
              value.getList().getShapeList().forEach(s -> checkShape(node, name, s));
              value.getList().getTensorList().forEach(t -> checkTensor(node, name, t));
            });
  }

  /** TensorFlow 2.18 believes the attribute in one place and the tensor in another, and ends. */
  private static void checkConstant(NodeDef node) {
    DataType said = node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()).getType();
    DataType is =
        node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor().getDtype();
    if (node.getOp().equals("Const") && said != is) {
      throw new IllegalArgumentException(
          "constant " + node.getName() + " must be of " + said + " as it says, got " + is);
    }
  }

  private static void checkValue(NodeDef node, String name, AttrValue value) {
    if (value.hasShape()) {
      checkShape(node, name, value.getShape());
    }
    if (value.hasTensor()) {
      checkTensor(node, name, value.getTensor());
    }
  }

  private static void checkTensor(NodeDef node, String name, TensorProto tensor) {
    long elements = checkShape(node, name, tensor.getTensorShape());
    if (elements < 0 || tensor.getTensorShape().getUnknownRank()) {
      throw refused(node, name, "have a tensor of a known shape", tensor.getTensorShape());
    }
    if (elements > Math.max(MOST_REPEATED_BYTES / Double.BYTES, tensor.getSerializedSize())) {
      throw refused(node, name, "have the numbers of its tensor", tensor.getTensorShape());
    }
  }

  /** How many elements a shape has, -1 if that is not known. */
  private static long checkShape(NodeDef node, String name, TensorShapeProto shape) {
    long elements = 1;
    boolean known = true;
    for (TensorShapeProto.Dim size : shape.getDimList()) {
      if (size.getSize() < -1) {
        throw refused(node, name, "have sizes of 0 or more, or unknown ones", shape);
      }
      known &= size.getSize() >= 0;
      try {
        elements = Math.multiplyExact(elements, Math.max(1, size.getSize()));
      } catch (ArithmeticException e) {
        throw refused(node, name, "have a shape that can be", shape);
      }
    }
    return known && !shape.getUnknownRank()
        ? shape.getDimList().stream().anyMatch(d -> d.getSize() == 0) ? 0 : elements
        : -1;
  }

  private static IllegalArgumentException refused(
      NodeDef node, String name, String condition, TensorShapeProto got) {
    return new IllegalArgumentException(
        "attribute "
            + name
            + " of "
            + node.getName()
            + " must "
            + condition
            + ", got "
            + got.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList());
  }

  static AttrValue of(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  static AttrValue of(long number) {
    return AttrValue.newBuilder().setI(number).build();
  }

  static AttrValue of(boolean flag) {
    return AttrValue.newBuilder().setB(flag).build();
  }

  static AttrValue of(TensorShapeProto shape) {
    return AttrValue.newBuilder().setShape(shape).build();
  }

  static AttrValue of(String text) {
    return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(text)).build();
  }

  static AttrValue of(List<Long> numbers) {
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllI(numbers))
        .build();
  }

  static AttrValue scalar(int value) {
    return tensor(scalar(DataType.DT_INT32).addIntVal(value));
  }

  static AttrValue vector(int... values) {
    return tensor(shaped(values.length), values);
  }

  /** Rows of the same length. */
  static AttrValue matrix(int[][] rows) {
    return tensor(
        shaped(rows.length, rows[0].length),
        Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray());
  }

  private static TensorShapeProto shaped(int... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    Arrays.stream(sizes).forEach(size -> shape.addDimBuilder().setSize(size));
    return shape.build();
  }

  private static AttrValue tensor(TensorShapeProto shape, int[] values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDtype(DataType.DT_INT32).setTensorShape(shape);
    Arrays.stream(values).forEach(tensor::addIntVal);
    return tensor(tensor);
  }

  /** A scalar of float32 or float64. */
  static AttrValue scalar(DataType type, double value) {
    TensorProto.Builder tensor = scalar(type);
    return tensor(
        type == DataType.DT_FLOAT ? tensor.addFloatVal((float) value) : tensor.addDoubleVal(value));
  }

  private static TensorProto.Builder scalar(DataType type) {
    return TensorProto.newBuilder()
        .setDtype(type)
        .setTensorShape(TensorShapeProto.getDefaultInstance());
  }

  private static AttrValue tensor(TensorProto.Builder tensor) {
    return AttrValue.newBuilder().setTensor(tensor).build();
  }
}
