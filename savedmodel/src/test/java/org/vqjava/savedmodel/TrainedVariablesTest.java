/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** What is trained of a model in which something is frozen. */
class TrainedVariablesTest {
  private static final String HEAD = "[y/bias, y/kernel, hidden/bias, hidden/kernel]";

  private final Path directory;

  TrainedVariablesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static List<String> names(List<? extends Operand<?>> variables) {
    return variables.stream().map(v -> v.op().name()).toList();
  }

  /** Whose flags all say that they are trained: those of the frozen base too. */
  @Test
  void whatKerasListsIsTrained() throws IOException {
    FlatModel flat = FlatModel.read(ModelFolders.model("frozen-base"));
    assertEquals(HEAD, flat.trainable().stream().map(ModelVariable::name).toList().toString());
    assertEquals(12, flat.variables().size());
    try (TrainableModel model = flat.load()) {
      assertEquals(HEAD, names(model.trainable()).toString());
      assertEquals(List.of("dense/kernel"), names(model.trainable("dense/k.*")));
    }
  }

  /** Of an export of Keras 3 the graph holds other handles beside those that are used. */
  @ParameterizedTest
  @CsvSource({"frozen-base, 12, 4", "frozen-base-keras3, 12, 4", "lstm-stateful, 7, 5"})
  void theDescriptionSaysTheSame(String name, int all, int trained) throws IOException {
    Path path = ModelFolders.model(name);
    Map<String, Boolean> described =
        ModelDescription.read(path).variables().stream()
            .collect(
                Collectors.toMap(
                    ModelDescription.Variable::name, ModelDescription.Variable::trainable));
    List<ModelVariable> variables = FlatModel.read(path).variables();
    assertEquals(all, variables.size());
    for (ModelVariable variable : variables) {
      assertEquals(variable.trainable(), described.get(variable.name()), variable.name());
    }
    assertEquals(trained, variables.stream().filter(ModelVariable::trainable).count());
  }

  @Test
  void aStepLeavesWhatIsFrozenAndMovesWhatIsNamed() throws IOException {
    Path path = ModelFolders.model("frozen-base");
    FlatModel flat = FlatModel.read(path);
    try (TrainableModel model = flat.load()) {
      Map<String, double[]> before = values(model);
      step(model, model.trainable());
      assertMoved(before, values(model), flat.trainable().stream().map(ModelVariable::name));
    }
    FlatModel base =
        FlatModel.read(path, FlattenOptions.defaults().withTrainable("(conv2d|dense)/.*"));
    try (TrainableModel model = base.load()) {
      Map<String, double[]> before = values(model);
      step(model, model.trainable());
      assertMoved(
          before,
          values(model),
          List.of("conv2d/kernel", "conv2d/bias", "dense/kernel", "dense/bias").stream());
    }
  }

  private static void assertMoved(
      Map<String, double[]> before, Map<String, double[]> after, Stream<String> moved) {
    List<String> expected = moved.sorted().toList();
    assertEquals(
        expected,
        before.keySet().stream()
            .filter(n -> !Arrays.equals(before.get(n), after.get(n)))
            .sorted()
            .toList());
  }

  private static Map<String, double[]> values(TrainableModel model) {
    return model.flat().variables().stream()
        .collect(Collectors.toMap(ModelVariable::name, v -> value(model, v.name())));
  }

  private static double[] value(TrainableModel model, String variable) {
    try (Result result = model.session().runner().fetch(model.weight(variable)).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  private static void step(TrainableModel model, List<Operand<? extends TFloating>> variables) {
    Ops tf = model.tf();
    Operand<TFloat32> loss =
        tf.math.mean(tf.math.square(model.output("y")), tf.constant(new int[] {0, 1}));
    Op step = Training.minimize(tf, loss, variables, new GradientDescent(model.graph(), 0.1f));
    model.session().initialize();
    try (TFloat32 x = TFloat32.tensorOf(Shape.of(4, 6, 6, 2), TrainedVariablesTest::fill)) {
      model.session().runner().feed(model.input("x"), x).addTarget(step).run().close();
    }
  }

  private static void fill(TFloat32 tensor) {
    Random random = new Random(1);
    tensor.scalars().forEach(s -> s.setFloat((float) random.nextGaussian()));
  }

  @Test
  void ifAllIsFrozenItIsTold() throws IOException {
    Path frozen = frozen("frozen-base");
    FlatModel flat = FlatModel.read(frozen);
    String told =
        "nothing to train: all 12 variables are frozen; `--train REGEX` or `trainable(regex)`"
            + " unfreezes";
    refused(told, flat::trainable);
    try (TrainableModel model = flat.load()) {
      refused(told, model::trainable);
      assertEquals(2, model.trainable("y/.*").size());
    }
    assertFalse(
        ModelDescription.read(frozen).variables().stream()
            .anyMatch(ModelDescription.Variable::trainable));
    assertEquals(
        2,
        FlatModel.read(frozen, FlattenOptions.defaults().withTrainable("y/.*")).trainable().size());
  }

  @Test
  void aNameThatNoVariableHasIsTold() {
    Path path = ModelFolders.model("lstm-stateful");
    FlattenOptions none = FlattenOptions.defaults().withTrainable("x");
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> FlatModel.read(path, none))
                .getMessage());
    assertEquals("a float variable must match x, got [", message.substring(0, 36));
    refused(
        "what is trained must be named by a regular expression, got (: Unclosed group",
        () -> FlattenOptions.defaults().withTrainable("("));
  }

  /** States are no weights: a product with one would be taken for a dense layer. */
  @Test
  void whatTheForwardPassWritesIsNoWeight() throws IOException {
    FlatModel flat = FlatModel.read(ModelFolders.model("lstm-stateful"));
    assertEquals(
        flat.trainable().stream().map(ModelVariable::name).toList(),
        flat.weights().stream().map(ModelVariable::name).toList());
    FlatModel frozen = FlatModel.read(ModelFolders.model("frozen-base"));
    assertEquals(frozen.variables(), frozen.weights());
  }

  private static void refused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  /** The model with an empty list of what is trained, as Keras writes it. */
  private Path frozen(String name) throws IOException {
    try (TrainableModel model = FlatModel.read(ModelFolders.model(name)).load()) {
      model.writeBack(directory.resolve(name));
    }
    Path file = directory.resolve(name).resolve("saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    SavedObjectGraph.Builder objects = saved.getMetaGraphsBuilder(0).getObjectGraphDefBuilder();
    objects.getNodes(0).getChildrenList().stream()
        .filter(child -> child.getLocalName().equals("trainable_variables"))
        .forEach(child -> objects.getNodesBuilder(child.getNodeId()).clearChildren());
    Files.write(file, saved.build().toByteArray());
    return directory.resolve(name);
  }
}
