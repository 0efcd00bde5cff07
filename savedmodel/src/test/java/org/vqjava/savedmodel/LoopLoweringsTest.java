/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vqjava.savedmodel.SyntheticModel.FLOAT;
import static org.vqjava.savedmodel.SyntheticModel.INT;
import static org.vqjava.savedmodel.SyntheticModel.argument;
import static org.vqjava.savedmodel.SyntheticModel.constant;
import static org.vqjava.savedmodel.SyntheticModel.function;
import static org.vqjava.savedmodel.SyntheticModel.node;
import static org.vqjava.savedmodel.SyntheticModel.shape;
import static org.vqjava.savedmodel.SyntheticModel.type;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.vqjava.testing.TensorValues;

/** Lists and loops, followed and unrolled; where that ends is told. */
class LoopLoweringsTest {
  private final Path directory;

  LoopLoweringsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String refused(SyntheticModel model) throws IOException {
    Path written = model.write(directory);
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> FlatModel.read(written)).getMessage());
  }

  private void refused(SyntheticModel model, String... parts) throws IOException {
    String message = refused(model);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  private double[] run(SyntheticModel model) throws IOException {
    try (TrainableModel loaded = FlatModel.read(model.write(directory)).load();
        Result result = loaded.session().runner().fetch(loaded.outputs().get("y")).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  private static NodeDef listNode(String name, String type, String... inputs) {
    return node(name, type, Map.of("element_dtype", FLOAT), inputs);
  }

  private static NodeDef[] pushed() {
    return new NodeDef[] {
      constant("a", 3f),
      constant("b", 5f),
      constant("none", -1),
      node(
          "empty",
          "EmptyTensorList",
          Map.of("element_dtype", FLOAT, "shape_type", INT),
          "none",
          "none"),
      listNode("one", "TensorListPushBack", "empty", "a"),
      listNode("two", "TensorListPushBack", "one", "b"),
      listNode("popped", "TensorListPopBack", "two", "none"),
      listNode("three", "TensorListPushBack", "popped", "popped:1"),
    };
  }

  @Test
  void listsAreFollowedElementByElement() throws IOException {
    SyntheticModel model =
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(listNode("y", "TensorListStack", "three", "none"));
    assertArrayEquals(new double[] {3, 5}, run(model));
    model =
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(
                node("n", "TensorListLength", Map.of(), "three"),
                node("y", "Cast", Map.of("SrcT", INT, "DstT", FLOAT), "n"));
    assertEquals(2, run(model)[0]);
    refused(
        new SyntheticModel()
            .output("y:1")
            .add(pushed())
            .add(listNode("y", "TensorListPopBack", "empty", "none")),
        "a list must have an element to be removed, got none");
    NodeDef size = constant("size", 2);
    NodeDef reserved =
        node(
            "reserved",
            "TensorListReserve",
            Map.of("element_dtype", FLOAT, "shape_type", INT),
            "none",
            "size");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(size, reserved, constant("i", 1))
            .add(listNode("y", "TensorListGetItem", "reserved", "i", "none")),
        "an element of a list must be written before it is read");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(size, reserved, constant("i", -4))
            .add(listNode("set", "TensorListSetItem", "reserved", "i", "a"))
            .add(listNode("y", "TensorListStack", "set", "none")),
        "an element of a list must be in it, got -4");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(
                size,
                reserved,
                node("i", "Placeholder", Map.of("dtype", INT, "shape", shape())),
                listNode("set", "TensorListSetItem", "reserved", "i", "a"),
                listNode("y", "TensorListStack", "set", "none")),
        "TensorListSetItem at set: an index or a size depends on data");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(pushed())
            .add(
                node(
                    "y",
                    "TensorListConcatV2",
                    Map.of("element_dtype", FLOAT, "shape_type", INT),
                    "three",
                    "none",
                    "none")),
        "TensorListConcatV2 at y: a list of tensors that was changed leaves its loop");
  }

  @Test
  void aLoopHasAnEnd() throws IOException {
    FunctionDef.Builder condition = FunctionDef.newBuilder();
    condition
        .getSignatureBuilder()
        .setName("goes_on")
        .addInputArg(argument("i", DataType.DT_INT32))
        .addOutputArg(argument("out", DataType.DT_BOOL));
    condition
        .putRet("out", "less:z:0")
        .addNodeDef(constant("most", 1_000_000))
        .addNodeDef(node("less", "Less", Map.of("T", INT), "i", "most:output:0"));
    FunctionDef.Builder step = FunctionDef.newBuilder();
    step.getSignatureBuilder()
        .setName("step")
        .addInputArg(argument("i", DataType.DT_INT32))
        .addOutputArg(argument("out", DataType.DT_INT32));
    step.putRet("out", "more:z:0")
        .addNodeDef(constant("by", 1))
        .addNodeDef(node("more", "AddV2", Map.of("T", INT), "i", "by:output:0"));
    AttrValue types =
        AttrValue.newBuilder()
            .setList(AttrValue.ListValue.newBuilder().addType(DataType.DT_INT32))
            .build();
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(
                constant("start", 0),
                node(
                    "y",
                    "StatelessWhile",
                    Map.of("cond", function("goes_on"), "body", function("step"), "T", types),
                    "start"))
            .add(condition)
            .add(step),
        "StatelessWhile at y: the loop has more than 4096 steps");
  }

  /** The way out that the refusal names. */
  @Test
  void aLoopOverAnUnknownSizeIsUnrolledOnceTheSizeIsFixed() throws IOException {
    Path lstm = ModelFolders.model("lstm-unknown-time");
    ModelDescription.Argument x = ModelDescription.read(lstm).signatures().get(0).inputs().get(0);
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> FlatModel.read(lstm)).getMessage());
    assertTrue(message.contains("StatelessWhile at "), message);
    assertTrue(message.contains("FlattenOptions.withInputShape"), message);
    FlattenOptions fixed =
        FlattenOptions.defaults().withInputShape(x.name(), Shape.of(-1, 3, x.shape().get(2)));
    FlatModel flat = FlatModel.read(lstm, fixed);
    assertTrue(flat.tensors().stream().noneMatch(t -> t.name().endsWith("while")));
    assertTrue(flat.size() > 50);
    assertThrows(
        UnsupportedModelException.class,
        () -> FlatModel.read(lstm, fixed.withInputShape(x.name(), Shape.unknown())));
  }
}
