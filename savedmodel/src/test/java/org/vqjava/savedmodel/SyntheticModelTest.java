/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

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
import static org.vqjava.savedmodel.SyntheticModel.variable;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.vqjava.testing.TensorValues;

/** Graphs that nobody would save: what is wrong is told, with its place. */
class SyntheticModelTest {
  private final Path directory;

  SyntheticModelTest(@TempDir Path directory) {
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

  private static NodeDef identity(String name, String input) {
    return node(name, "Identity", Map.of("T", FLOAT), input);
  }

  @Test
  void signaturesNameTensorsOfTheGraph() throws IOException {
    SyntheticModel model = new SyntheticModel().add(constant("y", 1f));
    refused(model.output("z:0"), "output y must be a tensor of the graph, got z:0");
    refused(model.output("y:x"), "a tensor must be named node:index, got y:x");
    refused(model.output("y:-1"), "a tensor must be named node:index, got y:-1");
    refused(model.output("y:7"), "y must have the output y:7, got 1 outputs");
    refused(
        model
            .output("y:0")
            .input(
                TensorInfo.newBuilder()
                    .setCooSparse(TensorInfo.CooSparse.newBuilder().setValuesTensorName("v:0"))
                    .build()),
        "input x must be a tensor of the graph, got a sparse or ragged one");
  }

  @Test
  void attributesAreCheckedBeforeTensorFlowBelievesThem() throws IOException {
    AttrValue wide =
        AttrValue.newBuilder()
            .setTensor(
                TensorProto.newBuilder()
                    .setDtype(DataType.DT_FLOAT)
                    .setTensorShape(shape(1 << 20, 1 << 20).getShape())
                    .addFloatVal(1))
            .build();
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(node("y", "Const", Map.of("dtype", FLOAT, "value", wide))),
        "Const at y",
        "attribute value of y must have the numbers of its tensor, got [1048576, 1048576]");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(node("y", "Const", Map.of("dtype", INT, "value", wide))),
        "constant y must be of DT_INT32 as it says, got DT_FLOAT");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(node("y", "Placeholder", Map.of("dtype", FLOAT, "shape", shape(-5)))),
        "attribute shape of y must have sizes of 0 or more, or unknown ones, got [-5]");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(
                node(
                    "y",
                    "Placeholder",
                    Map.of("dtype", FLOAT, "shape", shape(1L << 40, 1L << 40)))),
        "attribute shape of y must have a shape that can be");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(
                constant("c", 1f),
                node("y", "Pack", Map.of("T", FLOAT, "N", Attributes.of(1L << 40)), "c")),
        "y must have at most 65536 tensors, got 1099511627776");
    refused(
        new SyntheticModel().output("y:0").add(constant("c", 1f), node("y", "Neg", Map.of(), "c")),
        "y");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(constant("c", 1f), node("y", "AddV2", Map.of("T", FLOAT), "c")),
        "y must have an input 1, got 1");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(constant("c", 1f), node("y", "Neg", Map.of("T", FLOAT), "c", "c")),
        "y must have 1 inputs, got 2");
  }

  @Test
  void aCycleEndsTheWalk() throws IOException {
    refused(
        new SyntheticModel().output("y:0").add(identity("y", "z"), identity("z", "y")),
        "Identity at y: the graph has a cycle there; convert loops of TensorFlow 1");
  }

  private static FunctionDef.Builder body(String name, DataType... inputs) {
    OpDef.Builder signature =
        OpDef.newBuilder().setName(name).addOutputArg(argument("out", DataType.DT_FLOAT));
    for (int i = 0; i < inputs.length; i++) {
      signature.addInputArg(argument("in" + i, inputs[i]));
    }
    return FunctionDef.newBuilder().setSignature(signature);
  }

  private static SyntheticModel calling(String name) {
    return new SyntheticModel()
        .output("y:0")
        .add(constant("c", 2f), node("y", "PartitionedCall", Map.of("f", function(name)), "c"));
  }

  @Test
  void functionsAreCheckedWhereTheyAreCalled() throws IOException {
    refused(calling("gone"), "PartitionedCall at y", "a function must be in the model, got gone");
    refused(
        calling("two").add(body("two", DataType.DT_FLOAT, DataType.DT_FLOAT)),
        "function two must have 1 inputs, got 2");
    FunctionDef.Builder listed = FunctionDef.newBuilder();
    listed
        .getSignatureBuilder()
        .setName("listed")
        .addInputArg(argument("in", DataType.DT_FLOAT).toBuilder().setNumberAttr("N"));
    refused(calling("listed").add(listed), "function listed must have no list as an input");
    refused(
        calling("again")
            .add(
                body("again", DataType.DT_FLOAT)
                    .putRet("out", "self:output:0")
                    .addNodeDef(
                        node("self", "PartitionedCall", Map.of("f", function("again")), "in0"))),
        "PartitionedCall at again/self",
        "a function must not call itself, got again");
    refused(
        calling("open")
            .add(
                body("open", DataType.DT_FLOAT)
                    .putRet("out", "n:y:0")
                    .addNodeDef(
                        node(
                            "n",
                            "Neg",
                            Map.of("T", AttrValue.newBuilder().setPlaceholder("T").build()),
                            "in0"))),
        "n must be called with an attribute T");
    refused(
        calling("nothing").add(body("nothing", DataType.DT_FLOAT)),
        "an input must be in its graph, got ");
    refused(
        calling("plain")
            .add(
                body("plain", DataType.DT_FLOAT)
                    .putRet("out", "n")
                    .addNodeDef(node("n", "Neg", Map.of("T", FLOAT), "in0"))),
        "an input must be named node:argument, got n");
    refused(
        calling("other")
            .add(
                body("other", DataType.DT_FLOAT)
                    .putRet("out", "n:z:0")
                    .addNodeDef(node("n", "Neg", Map.of("T", FLOAT), "in0"))),
        "n must have an output z, got a Neg");
  }

  /** By attribute, and by an operation named like the function. */
  @Test
  void attributesOfACallReachItsBody() throws IOException {
    FunctionDef.Builder negate =
        body("negate", DataType.DT_FLOAT)
            .putRet("out", "n:y:0")
            .addNodeDef(
                node(
                    "n",
                    "Neg",
                    Map.of("T", AttrValue.newBuilder().setPlaceholder("T").build()),
                    "in0"));
    SyntheticModel model =
        new SyntheticModel()
            .output("y:0")
            .add(constant("c", 2f), node("y", "negate", Map.of("T", FLOAT), "c"))
            .add(negate);
    assertEquals(-2, run(model)[0]);
  }

  @Test
  void variablesAreOfAKnownShapeAndUsedAsSuch() throws IOException {
    refused(
        new SyntheticModel().output("y:0").add(variable("v", shape(-1, 2)), identity("y", "v")),
        "VariableV2 at v: its shape is not known");
    NodeDef handle = node("h", "VarHandleOp", Map.of("dtype", FLOAT, "shape", shape(2)));
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(
                handle,
                constant("i", 0),
                constant("u", 1f),
                node(
                    "s",
                    "ResourceScatterAdd",
                    Map.of("dtype", FLOAT, "Tindices", INT),
                    "h",
                    "i",
                    "u"),
                constant("c", 1f),
                identity("y", "c").toBuilder().addInput("^s").build()),
        "ResourceScatterAdd at s: it works on a variable by its handle");
    refused(
        new SyntheticModel()
            .output("y:0")
            .add(
                node("t", "HashTableV2", Map.of("key_dtype", INT, "value_dtype", FLOAT)),
                node("y", "ReadVariableOp", Map.of("dtype", FLOAT), "t")),
        "ReadVariableOp at y: it uses a resource that is no variable of the model");
    refused(
        new SyntheticModel().output("y:0").add(variable("v", shape(2)), identity("y", "v")),
        "must hold variable v, got no key for it: neither what the model restores nor its objects"
            + " name one");
  }

  @Test
  void aVocabularyInAFileIsToldBeforeItIsMissed() throws IOException {
    SyntheticModel model =
        new SyntheticModel()
            .output("y:0")
            .add(
                node("t", "HashTableV2", Map.of("key_dtype", INT, "value_dtype", FLOAT)),
                constant("k", 1),
                constant("d", 0f),
                node("y", "LookupTableFindV2", Map.of("Tin", INT, "Tout", FLOAT), "t", "k", "d"),
                node(
                    "file",
                    "Const",
                    Map.of(
                        "dtype",
                        type(DataType.DT_STRING),
                        "value",
                        SyntheticModel.text("../../secret"))),
                node(
                    "fill",
                    "InitializeTableFromTextFileV2",
                    Map.of("key_index", Attributes.of(0), "value_index", Attributes.of(1)),
                    "t",
                    "file"),
                node("init", "NoOp", Map.of(), "^fill"));
    model.meta.putCollectionDef(
        "saved_model_main_op",
        CollectionDef.newBuilder()
            .setNodeList(CollectionDef.NodeList.newBuilder().addValue("init"))
            .build());
    refused(model, "InitializeTableFromTextFileV2 at fill: its table is filled from a file");
  }

  @Test
  void aVariableInPartsIsTold() throws IOException {
    AttrValue key = texts("w");
    AttrValue slice = texts("4 2 0,2:-");
    SyntheticModel model =
        new SyntheticModel()
            .output("y:0")
            .add(
                variable("w", shape(2, 2)),
                identity("y", "w"),
                node(
                    "file",
                    "Const",
                    Map.of("dtype", type(DataType.DT_STRING), "value", SyntheticModel.text("p"))),
                node("key", "Const", Map.of("dtype", type(DataType.DT_STRING), "value", key)),
                node("slice", "Const", Map.of("dtype", type(DataType.DT_STRING), "value", slice)),
                node(
                    "restore",
                    "RestoreV2",
                    Map.of(
                        "dtypes",
                        AttrValue.newBuilder()
                            .setList(AttrValue.ListValue.newBuilder().addType(DataType.DT_FLOAT))
                            .build()),
                    "file",
                    "key",
                    "slice"),
                node("assign", "Assign", Map.of("T", FLOAT), "w", "restore"),
                node("all", "NoOp", Map.of(), "^assign"));
    model.meta.getSaverDefBuilder().setRestoreOpName("all");
    refused(
        model,
        "variable w must be saved as a whole, got the part 4 2 0,2:-: save the model without"
            + " partitioners");
    assertEquals(
        Map.of(), DistinctValues.of(ModelDescription.read(directory)), "described all the same");
  }

  private static AttrValue texts(String text) {
    return AttrValue.newBuilder()
        .setTensor(
            TensorProto.newBuilder()
                .setDtype(DataType.DT_STRING)
                .setTensorShape(shape(1).getShape())
                .addStringVal(ByteString.copyFromUtf8(text)))
        .build();
  }

  @Test
  void whatHasNoGradientIsRunWhenThatIsAllThatIsAsked() throws IOException {
    Path conv3d = ModelFolders.model("conv3d");
    assertThrows(UnsupportedModelException.class, () -> FlatModel.read(conv3d));
    UnsupportedModelException refused =
        assertThrows(UnsupportedModelException.class, () -> FlatModel.read(conv3d));
    assertEquals(List.of("Conv3D"), refused.obstacles().stream().map(Obstacle::operation).toList());
    FlatModel flat = FlatModel.read(conv3d, FlattenOptions.defaults().withoutGradients());
    try (TrainableModel model = flat.load()) {
      assertTrue(model.outputs().containsKey("y"));
    }
  }
}
