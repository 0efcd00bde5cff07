/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** A SavedModel written node by node, of whatever nobody would save. */
final class SyntheticModel {
  static final AttrValue FLOAT = type(DataType.DT_FLOAT);
  static final AttrValue INT = type(DataType.DT_INT32);

  final MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
  private final SignatureDef.Builder signature = SignatureDef.newBuilder();

  SyntheticModel() {
    meta.getMetaInfoDefBuilder().addTags(ModelDescription.SERVE);
  }

  static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  static AttrValue shape(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return AttrValue.newBuilder().setShape(shape).build();
  }

  static AttrValue function(String name) {
    return AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build();
  }

  static AttrValue text(String text) {
    return AttrValue.newBuilder()
        .setTensor(
            TensorProto.newBuilder()
                .setDtype(DataType.DT_STRING)
                .setTensorShape(TensorShapeProto.getDefaultInstance())
                .addStringVal(ByteString.copyFromUtf8(text)))
        .build();
  }

  static NodeDef node(
      String name, String type, Map<String, AttrValue> attributes, String... inputs) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp(type)
        .putAllAttr(attributes)
        .addAllInput(List.of(inputs))
        .build();
  }

  static NodeDef constant(String name, int value) {
    return node(name, "Const", Map.of("dtype", INT, "value", Attributes.scalar(value)));
  }

  static NodeDef constant(String name, float value) {
    return node(
        name,
        "Const",
        Map.of("dtype", FLOAT, "value", Attributes.scalar(DataType.DT_FLOAT, value)));
  }

  static NodeDef variable(String name, AttrValue shape) {
    return node(name, "VariableV2", Map.of("dtype", FLOAT, "shape", shape));
  }

  static OpDef.ArgDef argument(String name, DataType type) {
    return OpDef.ArgDef.newBuilder().setName(name).setType(type).build();
  }

  SyntheticModel add(NodeDef... nodes) {
    meta.getGraphDefBuilder().addAllNode(List.of(nodes));
    return this;
  }

  SyntheticModel add(FunctionDef.Builder function) {
    meta.getGraphDefBuilder().getLibraryBuilder().addFunction(function);
    return this;
  }

  SyntheticModel input(TensorInfo info) {
    signature.putInputs("x", info);
    return this;
  }

  SyntheticModel output(String tensor) {
    signature.putOutputs("y", TensorInfo.newBuilder().setName(tensor).build());
    return this;
  }

  Path write(Path directory) throws IOException {
    meta.putSignatureDef("f", signature.build());
    Files.createDirectories(directory);
    Files.write(
        directory.resolve("saved_model.pb"),
        SavedModel.newBuilder().addMetaGraphs(meta).build().toByteArray());
    return directory;
  }
}
