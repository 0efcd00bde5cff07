/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;

/** Models of Keras 3, whose graphs hold several handles of each variable. */
class SeveralHandlesTest {
  private final Path directory;

  SeveralHandlesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** By whichever handle the functions use it; another one is a state that no function uses. */
  @ParameterizedTest
  @CsvSource({"keras3-saved, 8, 0", "frozen-base-keras3, 12, 0", "keras3-cnn-export, 10, 1"})
  void eachVariableIsDescribedOnce(String name, int used, int unused) throws IOException {
    Path model = ModelFolders.model(name);
    ModelDescription described = ModelDescription.read(model);
    List<String> names =
        described.variables().stream().map(ModelDescription.Variable::name).toList();
    List<ModelVariable> variables = FlatModel.read(model).variables();
    assertTrue(
        names.containsAll(variables.stream().map(ModelVariable::name).toList()), names::toString);
    assertEquals(used, variables.size());
    assertEquals(used + unused, names.size(), names::toString);
    assertEquals(used, DistinctValues.of(described).size());
  }

  @Test
  void theObjectsSayWhereAVariableIsThatNothingRestores() throws IOException {
    Map<String, List<String>> keys =
        FlatModel.read(ModelFolders.model("keras3-saved")).variables().stream()
            .collect(Collectors.toMap(ModelVariable::name, ModelVariable::checkpointKeys));
    assertEquals(
        List.of("_layers/1/_kernel/.ATTRIBUTES/VARIABLE_VALUE"),
        keys.get("sequential/dense/kernel"));
    assertEquals(
        List.of("_layers/3/bias/.ATTRIBUTES/VARIABLE_VALUE"), keys.get("sequential/dense_1/bias"));
  }

  @Test
  void aVariableThatTheObjectsLeaveOpenIsNamed() throws IOException {
    Path changed =
        changed(
            objects ->
                objects
                    .getNodesBuilderList()
                    .forEach(
                        node ->
                            node.getChildrenBuilderList().stream()
                                .filter(child -> child.getLocalName().equals("gamma"))
                                .forEach(child -> child.setLocalName("alpha"))));
    assertEquals(
        changed.resolve("variables/variables")
            + " must hold variable sequential/batch_normalization/gamma, got no key for it: neither"
            + " what the model restores nor its objects name one",
        assertThrows(IllegalArgumentException.class, () -> FlatModel.read(changed)).getMessage());
    assertTrue(
        ModelDescription.read(changed).variables().stream()
            .anyMatch(v -> v.name().equals("sequential/batch_normalization/gamma")));
  }

  /** As damage has it: objects that are not there are nobody's. */
  @Test
  void captureOfWhatIsNoVariableIsNoVariable() throws IOException {
    Path changed =
        changed(
            objects ->
                objects
                    .getConcreteFunctionsMap()
                    .keySet()
                    .forEach(
                        name ->
                            objects.putConcreteFunctions(
                                name,
                                objects.getConcreteFunctionsOrThrow(name).toBuilder()
                                    .setBoundInputs(0, 99_999)
                                    .setBoundInputs(1, -1)
                                    .setBoundInputs(2, 0)
                                    .build())));
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> FlatModel.read(changed))
                .getMessage());
    assertTrue(message.contains(" must hold variable sequential/"), message);
  }

  private Path changed(Consumer<SavedObjectGraph.Builder> change) throws IOException {
    try (TrainableModel model = FlatModel.read(ModelFolders.model("keras3-saved")).load()) {
      model.writeBack(directory.resolve("model"));
    }
    Path file = directory.resolve("model/saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    change.accept(saved.getMetaGraphsBuilder(0).getObjectGraphDefBuilder());
    Files.write(file, saved.build().toByteArray());
    return directory.resolve("model");
  }
}
