/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vqjava.savedmodel.SyntheticModel.FLOAT;
import static org.vqjava.savedmodel.SyntheticModel.INT;
import static org.vqjava.savedmodel.SyntheticModel.node;
import static org.vqjava.savedmodel.SyntheticModel.shape;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.vqjava.savedmodel.VariableUse.Kind;

/** What computes with variables, in graphs that nothing here can run or flatten. */
class VariableUsesTest {
  private final Path directory;

  VariableUsesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static AttrValue flag() {
    return AttrValue.newBuilder().setB(true).build();
  }

  private static NodeDef handle(String name, long... sizes) {
    return node(name, "VarHandleOp", Map.of("dtype", FLOAT, "shape", shape(sizes)));
  }

  private static NodeDef vector(String name, int... numbers) {
    return node(name, "Const", Map.of("dtype", INT, "value", Attributes.vector(numbers)));
  }

  /** The uses of the variable w of {@code [4, 6]}, in a graph whose output is y. */
  private FoundUses uses(NodeDef... nodes) throws IOException {
    SyntheticModel model =
        new SyntheticModel()
            .add(
                node("x", "Placeholder", Map.of("dtype", FLOAT)),
                handle("w", 4, 6),
                node("read", "ReadVariableOp", Map.of("dtype", FLOAT), "w"))
            .add(nodes)
            .output("y:0");
    Source source = new Source(SavedModelProto.graph(model.write(directory), Set.of("serve")));
    return VariableUses.of(source, Map.of("w", Shape.of(4, 6), "v", Shape.of(6)), Map.of());
  }

  private static VariableUse product(String operation, Integer... summed) {
    return new VariableUse(Kind.PRODUCT, operation, List.of(summed));
  }

  private static NodeDef matMul(String name, Map<String, AttrValue> attributes, String... inputs) {
    return node(name, "MatMul", attributes, inputs);
  }

  @Test
  void productsSumOverTheAxisThatTheyAreToldTo() throws IOException {
    assertEquals(List.of(product("MatMul", 0)), uses(matMul("y", Map.of(), "x", "read")).of("w"));
    assertEquals(
        List.of(product("MatMul", 1)),
        uses(matMul("y", Map.of("transpose_b", flag()), "x", "read")).of("w"));
    assertEquals(List.of(product("MatMul", 1)), uses(matMul("y", Map.of(), "read", "x")).of("w"));
    assertEquals(
        List.of(product("BatchMatMulV2", 1)),
        uses(node("y", "BatchMatMulV2", Map.of("adj_y", flag()), "x", "read")).of("w"));
    AttrValue equation =
        AttrValue.newBuilder().setS(ByteString.copyFromUtf8("abc,dc->abd")).build();
    assertEquals(
        List.of(product("Einsum", 1)),
        uses(node("y", "Einsum", Map.of("equation", equation), "x", "read")).of("w"));
  }

  @Test
  void axesAreFollowedThroughTransposesAndShapes() throws IOException {
    NodeDef permutation = vector("p", 1, 0);
    NodeDef transposed = node("t", "Transpose", Map.of(), "read", "p");
    assertEquals(
        List.of(product("MatMul", 1)),
        uses(permutation, transposed, matMul("y", Map.of(), "x", "t")).of("w"));
    assertEquals(
        List.of(product("MatMul", 0)),
        uses(
                vector("p", 1, 4, -1),
                node("t", "Reshape", Map.of(), "read", "p"),
                vector("q", 0),
                node("s", "Squeeze", Map.of(), "t"),
                node("c", "Cast", Map.of(), "s"),
                matMul("y", Map.of(), "x", "c"))
            .of("w"));
    assertEquals(
        List.of(product("MatMul")),
        uses(
                vector("p", 2, 12),
                node("t", "Reshape", Map.of(), "read", "p"),
                matMul("y", Map.of(), "x", "t"))
            .of("w"));
  }

  /** A loop of TensorFlow 1, a branch of it, and an operation that nobody knows. */
  @Test
  void controlFlowOfTensorFlow1AndUnknownOperationsAreNoObstacle() throws IOException {
    assertEquals(
        List.of(product("MatMul", 0)),
        uses(
                node("enter", "Enter", Map.of(), "read"),
                node("begin", "Enter", Map.of(), "x"),
                node("merge", "Merge", Map.of(), "begin", "next"),
                node("cond", "LoopCond", Map.of(), "unknown"),
                node("unknown", "SomeOneElse>Op", Map.of(), "merge"),
                node("switch", "Switch", Map.of(), "merge", "cond"),
                matMul("product", Map.of(), "switch:1", "enter"),
                node("next", "NextIteration", Map.of(), "product"),
                node("exit", "Exit", Map.of(), "switch"),
                node("y", "SomeOneElse>Op", Map.of(), "exit"))
            .of("w"));
    assertEquals(
        List.of(new VariableUse(Kind.OTHER, "SomeOneElse>Op", List.of())),
        uses(node("y", "SomeOneElse>Op", Map.of(), "x", "read")).of("w"));
  }

  @Test
  void whatScalesAKernelIsNone() throws IOException {
    FoundUses found =
        uses(
            handle("v", 6),
            node("scale", "ReadVariableOp", Map.of(), "v"),
            node("scaled", "Mul", Map.of(), "scale", "read"),
            matMul("product", Map.of(), "x", "scaled"),
            node("y", "AddV2", Map.of(), "product", "scale"));
    assertEquals(List.of(product("MatMul", 0)), found.of("w"));
    assertEquals(
        List.of(Kind.OTHER, Kind.OTHER), found.of("v").stream().map(VariableUse::kind).toList());
  }

  @Test
  void kindsAreToldApartWhateverTheNames() throws IOException {
    Map<String, Kind> kinds =
        Map.of(
            "Conv2D", Kind.CONVOLUTION,
            "Conv2DBackpropInput", Kind.TRANSPOSED_CONVOLUTION,
            "DepthwiseConv2dNative", Kind.DEPTHWISE_CONVOLUTION,
            "BiasAdd", Kind.OTHER);
    for (Map.Entry<String, Kind> kind : kinds.entrySet()) {
      List<VariableUse> found = uses(node("y", kind.getKey(), Map.of(), "x", "read", "x")).of("w");
      assertEquals(List.of(kind.getValue()), found.stream().map(VariableUse::kind).toList());
      assertEquals(
          kind.getValue() != Kind.OTHER && kind.getValue() != Kind.DEPTHWISE_CONVOLUTION,
          found.get(0).isKernel());
    }
    assertEquals(
        List.of(new VariableUse(Kind.LOOK_UP, "ResourceGather", List.of(1))),
        uses(node("y", "ResourceGather", Map.of(), "w", "x")).of("w"));
  }

  @Test
  void variablesAloneAreReadWrittenBackAndNotExported() throws IOException {
    Path model = Path.of("src/test/resources/models/frozen-base/model");
    FlatModel flat = FlatModel.readVariables(model, FlattenOptions.defaults());
    List<String> expected = new ArrayList<>();
    FlatModel.read(model).variables().forEach(variable -> expected.add(variable.name()));
    List<String> names = new ArrayList<>();
    flat.variables().forEach(variable -> names.add(variable.name()));
    assertEquals(List.copyOf(new TreeSet<>(expected)), List.copyOf(new TreeSet<>(names)));
    assertEquals(List.of(), flat.leftOut());
    assertThrows(
        IllegalArgumentException.class,
        () -> FlatModel.readVariables(model, FlattenOptions.defaults().withSignature("other")));
    assertEquals(DataType.DT_FLOAT, flat.variables().get(0).type());
    try (TrainableModel loaded = flat.load()) {
      loaded.writeBack(directory.resolve("back"));
      assertThrows(IllegalStateException.class, () -> loaded.export(directory.resolve("out")));
    }
    assertEquals(
        DistinctValues.of(ModelDescription.read(model)),
        DistinctValues.of(ModelDescription.read(directory.resolve("back"))));
  }
}
