/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A variable of the flat graph.
 *
 * @param name of its node
 * @param type of its numbers
 * @param shape known in all sizes
 * @param sharedName by which TensorFlow 1 knows it
 */
record FlatVariable(String name, DataType type, TensorShapeProto shape, String sharedName) {
  private static final String READ = "/read";

  /** The node by which all read it: where a weight is replaced. */
  String read() {
    return readOf(name);
  }

  static String readOf(String variable) {
    return variable + READ;
  }

  /** The variable that a read reads. */
  static TensorRef ofRead(TensorRef read) {
    return new TensorRef(read.node().substring(0, read.node().length() - READ.length()), 0);
  }

  TensorRef reference() {
    return new TensorRef(name, 0);
  }

  NodeDef node() {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("VariableV2")
        .putAttr("dtype", Attributes.of(type))
        .putAttr("shape", Attributes.of(shape))
        .build();
  }

  NodeDef readNode() {
    return NodeDef.newBuilder()
        .setName(read())
        .setOp("Identity")
        .addInput(name)
        .putAttr("T", Attributes.of(type))
        .build();
  }
}
