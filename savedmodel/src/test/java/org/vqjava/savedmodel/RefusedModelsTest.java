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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.vqjava.testing.TensorValues;

/** What cannot be retrained is refused, with what can be done; and nothing else is. */
class RefusedModelsTest {
  private static final Map<String, AttrValue> TABLE =
      Map.of("key_dtype", INT, "value_dtype", FLOAT);
  private static final Map<String, AttrValue> FROM_FILE =
      Map.of("key_index", Attributes.of(0), "value_index", Attributes.of(1));

  private final Path directory;

  RefusedModelsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static void refused(String part, Executable executable) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, executable).getMessage());
    assertTrue(message.contains(part), message);
  }

  private static NodeDef lookUp(String name, String table) {
    return node(name, "LookupTableFindV2", Map.of("Tin", INT, "Tout", FLOAT), table, "k", "d");
  }

  @Test
  void aTableThatMayChangeIsRefused() throws IOException {
    Path model =
        new SyntheticModel()
            .output("y:0")
            .add(
                node("t", "MutableHashTableV2", TABLE),
                constant("k", 1),
                constant("d", 0f),
                lookUp("y", "t"))
            .write(directory);
    refused(
        "MutableHashTableV2 at t: its table may change, and is kept in the checkpoint",
        () -> FlatModel.read(model));
  }

  /** That of another signature, say. */
  @Test
  void aVocabularyInAFileThatIsNotUsedIsLeftBehind() throws IOException {
    SyntheticModel model =
        new SyntheticModel()
            .output("y:0")
            .add(
                node("t", "HashTableV2", TABLE),
                node("other", "HashTableV2", TABLE),
                constant("k", 1),
                constant("v", 5f),
                constant("d", 0f),
                lookUp("y", "t"),
                node("keys", "Pack", Map.of("T", INT, "N", Attributes.of(1)), "k"),
                node("values", "Pack", Map.of("T", FLOAT, "N", Attributes.of(1)), "v"),
                node(
                    "fill",
                    "LookupTableImportV2",
                    Map.of("Tin", INT, "Tout", FLOAT),
                    "t",
                    "keys",
                    "values"),
                node(
                    "file",
                    "Const",
                    Map.of("dtype", type(DataType.DT_STRING), "value", SyntheticModel.text("f"))),
                node("read", TableLowerings.FILL_FROM_FILE, FROM_FILE, "other", "file"),
                node("init", "NoOp", Map.of(), "^fill", "^read"));
    model.meta.putCollectionDef(
        "saved_model_main_op",
        CollectionDef.newBuilder()
            .setNodeList(CollectionDef.NodeList.newBuilder().addValue("init"))
            .build());
    try (TrainableModel loaded = FlatModel.read(model.write(directory)).load();
        Result result = loaded.session().runner().fetch(loaded.outputs().get("y")).run()) {
      assertEquals(5, TensorValues.doubles(result.get(0))[0]);
    }
  }

  @Test
  void outputsThatHaveNoGradientAtAllAreRefused() throws IOException {
    Path model =
        new SyntheticModel()
            .output("y:0")
            .add(
                variable("v", shape(2)),
                constant("axis", 0),
                node("y", "ArgMax", Map.of("T", FLOAT, "Tidx", INT), "v", "axis"))
            .write(directory);
    refused(
        "signature at f: none of its outputs is a floating-point number that depends on a trainable"
            + " variable",
        () -> FlatModel.read(model));
  }

  @Test
  void aShapeThatIsFixedIsOneAndFitsTheSavedOne() {
    for (long size : new long[] {0, -2}) {
      refused(
          "shape of input x must have sizes of at least 1, or -1 for those that stay open, got ",
          () -> FlattenOptions.defaults().withInputShape("x", Shape.of(2, size)));
    }
    Path cnn = ModelFolders.model("cnn-batchnorm");
    FlattenOptions options = FlattenOptions.defaults();
    for (Shape wrong : List.of(Shape.of(4, 9, 8, 1), Shape.of(4, 8))) {
      refused(
          "shape of input image must fit [-1, 8, 8, 1], got " + wrong,
          () -> FlatModel.read(cnn, options.withInputShape("image", wrong)));
    }
    refused(
        "input must be one of [image], got picture",
        () -> FlatModel.read(cnn, options.withInputShape("picture", Shape.of(1))));
  }

  /** A branch of plain tensors stays as it is, unless something in it is refused everywhere. */
  @Test
  void whatIsInABranchThatStaysIsLookedAt() throws IOException {
    for (String type : List.of("Neg", "PyFuncStateless")) {
      FunctionDef.Builder branch = FunctionDef.newBuilder();
      branch
          .getSignatureBuilder()
          .setName("branch")
          .addInputArg(argument("in", DataType.DT_FLOAT))
          .addOutputArg(argument("out", DataType.DT_FLOAT));
      AttrValue one =
          AttrValue.newBuilder()
              .setList(AttrValue.ListValue.newBuilder().addType(DataType.DT_FLOAT))
              .build();
      boolean known = type.equals("Neg");
      branch
          .putRet("out", known ? "n:y:0" : "n:output:0")
          .addNodeDef(
              node("n", type, known ? Map.of("T", FLOAT) : Map.of("Tin", one, "Tout", one), "in"));
      AttrValue called = function("branch");
      Path model =
          new SyntheticModel()
              .output("y:0")
              .add(
                  node(
                      "c",
                      "Placeholder",
                      Map.of("dtype", type(DataType.DT_BOOL), "shape", shape())),
                  constant("x", 2f),
                  node(
                      "y",
                      "StatelessIf",
                      Map.of(
                          "Tcond",
                          type(DataType.DT_BOOL),
                          "Tin",
                          one,
                          "Tout",
                          one,
                          "then_branch",
                          called,
                          "else_branch",
                          called),
                      "c",
                      "x"))
              .add(branch)
              .write(directory);
      if (known) {
        assertTrue(FlatModel.read(model).size() > 3);
      } else {
        refused("StatelessIf at y: it runs Python code", () -> FlatModel.read(model));
      }
    }
  }

  /** Such a loop ended the process: its body has one result, the loop two values. */
  @Test
  void functionsThatDoNotFitTheirCallersAreRefused() throws IOException {
    FunctionDef.Builder body = FunctionDef.newBuilder();
    body.getSignatureBuilder()
        .setName("body")
        .addInputArg(argument("i", DataType.DT_FLOAT))
        .addInputArg(argument("j", DataType.DT_FLOAT))
        .addOutputArg(argument("out", DataType.DT_FLOAT));
    body.putRet("out", "i");
    FunctionDef.Builder condition = FunctionDef.newBuilder();
    condition
        .getSignatureBuilder()
        .setName("condition")
        .addInputArg(argument("i", DataType.DT_FLOAT))
        .addInputArg(argument("j", DataType.DT_FLOAT))
        .addOutputArg(argument("out", DataType.DT_BOOL));
    condition
        .putRet("out", "less:z:0")
        .addNodeDef(node("less", "Less", Map.of("T", FLOAT), "i", "j"));
    AttrValue two =
        AttrValue.newBuilder()
            .setList(
                AttrValue.ListValue.newBuilder()
                    .addType(DataType.DT_FLOAT)
                    .addType(DataType.DT_FLOAT))
            .build();
    Path model =
        new SyntheticModel()
            .output("y:0")
            .add(
                node("a", "Placeholder", Map.of("dtype", FLOAT, "shape", shape())),
                constant("b", 2f),
                node(
                    "y",
                    "StatelessWhile",
                    Map.of("cond", function("condition"), "body", function("body"), "T", two),
                    "a",
                    "b"))
            .add(body)
            .add(condition)
            .write(directory);
    refused(
        "StatelessWhile at y: it does not fit its definition: function body must return [DT_FLOAT,"
            + " DT_FLOAT] for y, got [DT_FLOAT]",
        () -> FlatModel.read(model));
    AttrValue gone = function("gone");
    AttrValue none = AttrValue.newBuilder().setList(AttrValue.ListValue.newBuilder()).build();
    Path other =
        new SyntheticModel()
            .output("y:0")
            .add(
                node("c", "Placeholder", Map.of("dtype", FLOAT, "shape", shape())),
                node(
                    "y",
                    "StatelessIf",
                    Map.of(
                        "Tcond",
                        FLOAT,
                        "Tin",
                        none,
                        "Tout",
                        two,
                        "then_branch",
                        gone,
                        "else_branch",
                        gone),
                    "c"))
            .write(directory);
    refused("y must call a function of the model, got gone", () -> FlatModel.read(other));
  }

  private Path changed(String name, Consumer<MetaGraphDef.Builder> change) throws IOException {
    Path original = ModelFolders.model(name);
    SavedModel.Builder saved =
        SavedModel.parseFrom(Files.readAllBytes(original.resolve("saved_model.pb"))).toBuilder();
    change.accept(saved.getMetaGraphsBuilder(0));
    Files.write(directory.resolve("saved_model.pb"), saved.build().toByteArray());
    Files.createDirectory(directory.resolve("variables"));
    for (String file : List.of("variables.index", "variables.data-00000-of-00001")) {
      Files.copy(
          original.resolve("variables").resolve(file),
          directory.resolve("variables").resolve(file));
    }
    return directory;
  }

  /** The forward pass for training alone has what is refused. */
  @Test
  void anObstacleInTheTrainingFunctionIsToldAsAnyOther() throws IOException {
    Path model =
        changed(
            "cnn-training-mode",
            meta ->
                meta.getGraphDefBuilder()
                    .getLibraryBuilder()
                    .getFunctionBuilderList()
                    .forEach(
                        function ->
                            function
                                .getNodeDefBuilderList()
                                .forEach(
                                    n -> {
                                      if (n.getOp().equals("FusedBatchNormV3")
                                          && (!n.containsAttr("is_training")
                                              || n.getAttrOrThrow("is_training").getB())) {
                                        n.setOp("Enter");
                                      }
                                    })));
    FlatModel.read(model);
    UnsupportedModelException refused =
        assertThrows(
            UnsupportedModelException.class,
            () -> FlatModel.read(model, FlattenOptions.defaults().withTraining()));
    assertTrue(refused.obstacles().stream().allMatch(o -> o.operation().equals("Enter")));
  }

  /** Which of several it is, is not known. */
  @Test
  void aTrainingOutputWithoutANameIsNotGivenThatOfAnother() throws IOException {
    Path model =
        changed(
            "cnn-training-mode",
            meta -> {
              SignatureDef signature = meta.getSignatureDefOrThrow("serving_default");
              meta.putSignatureDef(
                  "serving_default",
                  signature.toBuilder()
                      .putOutputs("another", signature.getOutputsOrThrow("probs"))
                      .build());
            });
    FlattenOptions options = FlattenOptions.defaults().withTraining();
    try (TrainableModel loaded = FlatModel.read(model, options).load()) {
      assertEquals(Set.of("another", "probs"), loaded.outputs().keySet());
      assertEquals("[-1, 10]", loaded.trainingOutput("output").shape().toString());
    }
    try (TrainableModel loaded =
        FlatModel.read(ModelFolders.model("cnn-training-mode"), options).load()) {
      assertEquals("[-1, 10]", loaded.trainingOutput("probs").shape().toString());
    }
  }
}
