/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Models that Python wrote, models made here to be refused, and damaged ones. */
class ModelDescriptionTest {
  private final Path directory;

  ModelDescriptionTest(@TempDir Path directory) {
    this.directory = directory;
  }

  static Path model(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  ModelDescriptionTest.class.getResource("/models/" + name + "/model"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Counted by TensorFlow in Python. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dense-digits | pixels float32 [-1, 64] | probs float32 [-1, 10] | 4",
        "cnn-batchnorm | image float32 [-1, 8, 8, 1] | probs float32 [-1, 10] | 9",
        "tf1-reference-variables | x float32 [-1, 64] | y float32 [-1, 10] | 4",
      })
  void signaturesAndVariablesAreThoseThatPythonSaved(
      String name, String input, String output, int variables) throws IOException {
    ModelDescription described = ModelDescription.read(model(name));
    assertEquals(variables, described.variables().size());
    ModelDescription.Signature serving =
        described.signatures().stream()
            .filter(s -> s.name().equals("serving_default"))
            .findFirst()
            .orElseThrow();
    assertEquals(input, text(serving.inputs().get(0)));
    assertEquals(output, text(serving.outputs().get(0)));
    assertEquals(List.of(), serving.obstacles());
    assertTrue(serving.operations().containsKey("MatMul"), "functions are entered");
    assertFalse(serving.operations().containsKey("SaveV2"), "what is not reached is left out");
  }

  private static String text(ModelDescription.Argument argument) {
    return argument.name() + " " + argument.type() + " " + argument.shape();
  }

  @Test
  void severalInputsAndSignaturesAreListed() throws IOException {
    ModelDescription two = ModelDescription.read(model("functional-two-by-two"));
    assertEquals(2, two.signatures().get(0).inputs().size());
    assertEquals(2, two.signatures().get(0).outputs().size());
    ModelDescription exported = ModelDescription.read(model("keras3-cnn-export"));
    assertEquals(
        List.of("serve", "serving_default"),
        exported.signatures().stream().map(ModelDescription.Signature::name).toList());
  }

  @Test
  void differentValuesAreCounted() throws IOException {
    ModelDescription described = ModelDescription.read(model("tf1-reference-variables"));
    assertEquals(
        Map.of("fc1/w", 512, "fc1/b", 1, "fc2/w", 80, "fc2/b", 1), DistinctValues.of(described));
    assertEquals(9, DistinctValues.of(ModelDescription.read(model("cnn-batchnorm"))).size());
  }

  private static NodeDef node(String name, String op, String... inputs) {
    return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs)).build();
  }

  private ModelDescription written(GraphDef graph) throws IOException {
    SavedModel model =
        SavedModel.newBuilder()
            .addMetaGraphs(
                MetaGraphDef.newBuilder()
                    .setMetaInfoDef(
                        MetaGraphDef.MetaInfoDef.newBuilder().addTags(ModelDescription.SERVE))
                    .setGraphDef(graph)
                    .putSignatureDef(
                        "f",
                        SignatureDef.newBuilder()
                            .putOutputs("y", TensorInfo.newBuilder().setName("y:0").build())
                            .build()))
            .build();
    Files.write(directory.resolve("saved_model.pb"), model.toByteArray());
    return ModelDescription.read(directory);
  }

  /** Functions that call each other for ever end the walk, and what is not reached counts not. */
  @Test
  void obstaclesAreFoundInFunctionsAndToldWithARemedy() throws IOException {
    AttrValue call =
        AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName("inner")).build();
    GraphDef.Builder graph =
        GraphDef.newBuilder()
            .addNode(node("y", "PartitionedCall", "x:1", "^c").toBuilder().putAttr("f", call))
            .addNode(node("x", "XlaCallModule"))
            .addNode(node("c", "ResourceScatterAdd"))
            .addNode(node("unreached", "PyFunc"));
    FunctionDef.Builder inner =
        FunctionDef.newBuilder()
            .setSignature(
                OpDef.newBuilder()
                    .setName("inner")
                    .addInputArg(OpDef.ArgDef.newBuilder().setName("given")))
            .addNodeDef(node("again", "inner", "given"))
            .addNodeDef(node("own", "MyFancyOp"))
            .addNodeDef(node("switch", "Switch", "given"))
            .addNodeDef(node("read", "IteratorGetNext"))
            .addNodeDef(node("python", "EagerPyFunc", "own:out"));
    inner.getNodeDefList().forEach(n -> inner.putControlRet(n.getName(), n.getName()));
    graph.getLibraryBuilder().addFunction(inner);
    List<Obstacle> obstacles = written(graph.build()).signatures().get(0).obstacles();
    assertEquals(
        List.of(
            "EagerPyFunc inner/python",
            "IteratorGetNext inner/read",
            "MyFancyOp inner/own",
            "ResourceScatterAdd c",
            "Switch inner/switch",
            "XlaCallModule x",
            "inner inner/again"),
        obstacles.stream().map(o -> o.operation() + " " + o.node()).sorted().toList());
    assertTrue(obstacles.stream().noneMatch(o -> o.reason().isEmpty() || o.remedy().isEmpty()));
  }

  private static NodeDef variable(String name, String op, DataType type, TensorShapeProto shape) {
    return node(name, op).toBuilder()
        .putAttr("dtype", AttrValue.newBuilder().setType(type).build())
        .putAttr("shape", AttrValue.newBuilder().setShape(shape).build())
        .build();
  }

  @Test
  void typesAndShapesOfAllKindsAreNamed() throws IOException {
    TensorShapeProto.Dim any = TensorShapeProto.Dim.newBuilder().setSize(-1).build();
    TensorShapeProto.Dim three = TensorShapeProto.Dim.newBuilder().setSize(3).build();
    AttrValue branches =
        AttrValue.newBuilder()
            .setList(
                AttrValue.ListValue.newBuilder()
                    .addFunc(NameAttrList.newBuilder().setName("missing")))
            .build();
    GraphDef graph =
        GraphDef.newBuilder()
            .addNode(node("y", "XlaLaunch").toBuilder().putAttr("branches", branches))
            .addNode(
                variable(
                    "d",
                    "Variable",
                    DataType.DT_DOUBLE,
                    TensorShapeProto.newBuilder().addDim(three).addDim(three).build()))
            .addNode(
                variable(
                    "c",
                    "VarHandleOp",
                    DataType.DT_HALF,
                    TensorShapeProto.newBuilder().addDim(any).addDim(three).build()))
            .addNode(
                variable(
                    "b",
                    "VariableV2",
                    DataType.DT_INT64,
                    TensorShapeProto.newBuilder().setUnknownRank(true).build()))
            .addNode(node("a", "VarHandleOp"))
            .build();
    List<ModelDescription.Variable> variables = written(graph).variables();
    assertEquals(
        List.of("a invalid []", "b int64 unknown", "c float16 [-1, 3]", "d float64 [3, 3]"),
        variables.stream()
            .map(
                v ->
                    v.name()
                        + " "
                        + v.type()
                        + " "
                        + (v.shape().isUnknown() ? "unknown" : v.shape().toString()))
            .toList());
    assertEquals(List.of(1L, 0L, 0L, 9L), variables.stream().map(v -> v.size()).toList());
  }

  @Test
  void whatIsNoModelIsTold() throws IOException {
    refused(directory + " must be a folder with saved_model.pb");
    Files.writeString(directory.resolve("saved_model.pbtxt"), "");
    refused(directory + " must be a folder with saved_model.pb, got a text SavedModel");
    Path cnn = model("cnn-batchnorm");
    assertEquals(
        cnn.resolve("saved_model.pb")
            + " must have a graph with the tags [gpu, serve], got [[serve]]",
        assertThrows(
                IllegalArgumentException.class,
                () -> ModelDescription.read(cnn, Set.of("serve", "gpu")))
            .getMessage());
    Path copy = Files.createDirectory(directory.resolve("copy"));
    Files.copy(cnn.resolve("saved_model.pb"), copy.resolve("saved_model.pb"));
    assertEquals(Map.of(), DistinctValues.of(ModelDescription.read(copy)), "without a checkpoint");
    Path variables = Files.createDirectory(copy.resolve("variables"));
    String data = "variables/variables.data-00000-of-00001";
    Files.copy(cnn.resolve(data), copy.resolve(data));
    byte[] index = Files.readAllBytes(cnn.resolve("variables/variables.index"));
    Files.write(variables.resolve("variables.index"), Arrays.copyOf(index, index.length / 2));
    ModelDescription damaged = ModelDescription.read(copy);
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> DistinctValues.of(damaged))
                .getMessage());
    assertTrue(message.startsWith(copy.resolve("variables/variables.index") + " must "), message);
  }

  private void refused(String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> ModelDescription.read(directory))
            .getMessage());
  }

  /** Cut or flipped, it is described or refused, and nothing else. */
  @Test
  void damageIsToldOrHarmless() throws IOException {
    byte[] whole = Files.readAllBytes(model("cnn-batchnorm").resolve("saved_model.pb"));
    Path file = directory.resolve("saved_model.pb");
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] mutant = whole.clone();
      if (i % 2 == 0) {
        mutant = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        for (int flips = 0; flips < 20; flips++) {
          mutant[random.nextInt(mutant.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      Files.write(file, mutant);
      try {
        ModelDescription.read(directory);
      } catch (IllegalArgumentException e) {
        refused++;
        assertTrue(String.valueOf(e.getMessage()).startsWith(file + " must "), e.getMessage());
      }
    }
    assertTrue(refused > 200, refused + " refused");
  }
}
