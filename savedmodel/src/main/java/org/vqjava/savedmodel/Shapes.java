/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/** Shapes in messages. */
final class Shapes {
  private Shapes() {}

  static Shape of(TensorShapeProto shape) {
    return shape.getUnknownRank()
        ? Shape.unknown()
        : Shape.of(
            shape.getDimList().stream()
                .mapToLong(d -> d.getSize() < 0 ? Shape.UNKNOWN_SIZE : d.getSize())
                .toArray());
  }

  static TensorShapeProto toProto(Shape shape) {
    TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
    if (shape.isUnknown()) {
      return proto.setUnknownRank(true).build();
    }
    for (long size : shape.asArray()) {
      proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return proto.build();
  }

  /** As a node that declares a variable says. */
  static Shape ofVariable(NodeDef node) {
    return of(node.getAttrOrDefault("shape", AttrValue.getDefaultInstance()).getShape());
  }
}
