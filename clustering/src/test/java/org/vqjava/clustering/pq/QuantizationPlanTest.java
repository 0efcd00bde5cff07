/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;

/** Plans, and the files they are kept in. */
class QuantizationPlanTest {
  private static final QuantizationPlan PLAN =
      new QuantizationPlan(
          List.of("encoder\\.fc", "head"),
          Map.of("Linear", new LayerSettings.Choice("fuzzy_name", Map.of("fc", 4, "*", 2))),
          Map.of("Linear", new LayerSettings.Choice("in_features", Map.of("8", 6, "*", 3))),
          5);

  private static LayerWeight weight(String name, int in, int out) {
    Random random = new Random(name.hashCode());
    float[] values = new float[in * out];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Layer layer = new Layer(name, "Linear", Map.of("in_features", String.valueOf(in)));
    return new LayerWeight(layer, values, Shape.of(in, out), BlockLayout.DENSE);
  }

  private static List<LayerWeight> weights() {
    return List.of(
        weight("encoder.fc1", 8, 6), weight("encoder.fc2", 12, 4), weight("head", 10, 3));
  }

  @Test
  void eachStageQuantizesItsLayersByTheirSettings() {
    List<String> heard = new ArrayList<>();
    Map<String, QuantizedWeight> first =
        PLAN.quantize(
            0,
            weights(),
            EmOptions.ofCentroids(1),
            layer -> EmDraws.seeded(1),
            (layer, step) -> heard.add(layer.name()));
    assertEquals(List.of("encoder.fc1", "encoder.fc2"), List.copyOf(first.keySet()));
    assertEquals(4, of(first, "encoder.fc1").blockSize());
    assertEquals(6, of(first, "encoder.fc1").assignments().centroids());
    assertEquals(3, of(first, "encoder.fc2").assignments().centroids());
    assertTrue(heard.contains("encoder.fc1") && heard.contains("encoder.fc2"));
    Map<String, QuantizedWeight> second =
        PLAN.quantize(
            1,
            weights(),
            EmOptions.ofCentroids(1),
            layer -> EmDraws.seeded(1),
            (layer, step) -> {});
    assertEquals(2, of(second, "head").blockSize());
  }

  @Test
  void aPlanIsReadAsItWasWritten(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("plan.json");
    PLAN.write(file);
    assertEquals(PLAN, QuantizationPlan.read(file));
    Files.writeString(
        file,
        """
        {"stages": ["fc"], "block_sizes": {"Linear": {"feature": "in_features", "numbers": {"*": 8}}},
         "centroids": {"Linear": {"feature": "in_features", "numbers": {"*": 256}}}, "iterations": 20}
        """);
    assertEquals(8, of(QuantizationPlan.read(file).blockSizes(), "Linear").numbers().get("*"));
  }

  @Test
  void aFileThatIsNoPlanIsTold(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("plan.json");
    for (String text :
        new String[] {
          "{",
          "[]",
          "{\"stages\": [\"a\"]}",
          "{\"stages\": [\"a\"], \"block_sizes\": {}, \"centroids\": {}, \"iterations\": 1, \"x\": 1}",
          "{\"stages\": [], \"block_sizes\": {}, \"centroids\": {}, \"iterations\": 1}",
          "{\"stages\": [\"a\"], \"block_sizes\": {}, \"centroids\": {}, \"iterations\": 1} {}"
        }) {
      Files.writeString(file, text);
      String message =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> QuantizationPlan.read(file))
                  .getMessage());
      assertTrue(message.startsWith(file + " must be a quantization plan: "), message);
    }
  }

  private static void toldOf(Path file, String text, String... parts) throws IOException {
    Files.writeString(file, text);
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> QuantizationPlan.read(file))
                .getMessage());
    assertTrue(message.startsWith(file + " must be a quantization plan: "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertFalse(
        message.contains("java.") || message.contains("fasterxml") || message.contains("is null"),
        message);
  }

  @Test
  void whatIsWrongWithAFileIsToldByItsFields(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("plan.json");
    toldOf(
        file,
        """
        {"stages": ["a", 1], "iterations": 0, "steps": 3, "where_it_fits": "yes",
         "block_sizes": {"Dense": {"feature": 1, "numbers": {"*": 8.5, "a": "8"}, "k": 1}},
         "centroids": {"Dense": {"feature": "units", "numbers": {}}, "Conv2D": 8}}
        """,
        "stages[1] must be a regular expression in quotes, got 1",
        "iterations must be a whole number of at least 1, got 0",
        "the field steps is not known",
        "where_it_fits must be true or false, got \"yes\"",
        "block_sizes.Dense.feature must be a text, fuzzy_name say, got 1",
        "block_sizes.Dense.numbers.* must be a whole number of at least 1, got 8.5",
        "block_sizes.Dense.numbers.a must be a whole number of at least 1, got \"8\"",
        "the field block_sizes.Dense.k is not known",
        "centroids.Dense.numbers must be an object of one or more numbers, {\"*\": 8} say, got an"
            + " empty object",
        "centroids.Conv2D.feature must be a text, fuzzy_name say, got none");
    String rest = "\"block_sizes\": {}, \"centroids\": {}, \"iterations\": 1";
    toldOf(file, "{\"stages\": null, " + rest + "}", "stages must be an array of one or more");
    toldOf(file, "{\"stages\": [\"(\"], " + rest + "}", "regular expressions, got (: Unclosed");
    toldOf(file, "{\"stages\": [\"a\"], " + rest + "} {}", "more follows after its end");
    toldOf(file, "{\"stages\": [\"a\"], \"stages\": [], " + rest + "}", "no JSON at line 1");
    toldOf(file, "{\n  stages: 1}", "it is no JSON at line 2, column");
    toldOf(file, "[" + "[".repeat(5000), "it is nested too deep");
    toldOf(file, "", "it is empty");
    toldOf(file, "null", "it must be an object, got");
    Files.write(file, new byte[] {'{', (byte) 0xff, (byte) 0xfe});
    assertEquals(
        file + " must be a quantization plan: its text is not UTF-8",
        assertThrows(IllegalArgumentException.class, () -> QuantizationPlan.read(file))
            .getMessage());
    refused(
        directory + " must be a quantization plan: it is a folder",
        () -> QuantizationPlan.read(directory));
    Path none = directory.resolve("none.json");
    refused(
        none + " must be a quantization plan: there is no such file",
        () -> QuantizationPlan.read(none));
    PLAN.write(file);
    Files.writeString(file, "\uFEFF" + Files.readString(file));
    assertEquals(PLAN, QuantizationPlan.read(file));
  }

  @Test
  void allLayersAreCheckedBeforeTheFirstStep() {
    LayerWeight infinite = weight("encoder.fc2", 8, 4);
    infinite.values()[3] = Float.NaN;
    List<LayerWeight> weights =
        List.of(weight("encoder.fc1", 10, 2), infinite, weight("encoder.fc3", 8, 1));
    QuantizationPlan plan =
        new QuantizationPlan(
            List.of("encoder", "head"),
            Map.of("Linear", new LayerSettings.Choice(LayerSettings.FUZZY_NAME, Map.of("*", 4))),
            Map.of("Linear", new LayerSettings.Choice(LayerSettings.FUZZY_NAME, Map.of("*", 3))),
            5);
    String told =
        String.join(
            System.lineSeparator(),
            "stage 1, head, must match a layer, got []",
            "encoder.fc1: a block must divide the 10 numbers of a row, got 4: 1, 2, 5, 10 do",
            "encoder.fc2: its weights must be finite, got NaN",
            "encoder.fc3: 2 blocks: at most 2 centroids, got 3");
    refused(told, () -> plan.check(weights));
    QuantizationPlan whereItFits =
        QuantizationPlan.ofAll("encoder.*", 3, 4); // one stage, all types of layers
    List<LayerWeight> more = new ArrayList<>(weights);
    more.add(weight("encoder.fc4.weight", 8, 4));
    more.add(weight("decoder", 8, 4));
    whereItFits.check(more);
    assertEquals(
        List.of("encoder.fc1", "encoder.fc2", "encoder.fc3"),
        List.copyOf(whereItFits.misfits(more).keySet()));
    assertEquals(
        Set.of("encoder.fc4.weight"),
        whereItFits
            .quantize(
                0, more, EmOptions.ofCentroids(1), layer -> EmDraws.seeded(1), (layer, step) -> {})
            .keySet());
    refused(told.substring(told.indexOf("encoder.fc1")), () -> whereItFits.check(weights));
  }

  @Test
  void whatDoesNotFitIsRefusedAndTheLayerNamed() {
    QuantizationPlan typo =
        new QuantizationPlan(List.of("haed"), PLAN.blockSizes(), PLAN.centroids(), 5);
    refused(
        "stage 0, haed, must match a layer, got [encoder.fc1, encoder.fc2, head]",
        () -> typo.ofStage(0, weights()));
    refused("stage must be from 0 to below 2, got 2", () -> PLAN.ofStage(2, weights()));
    refused(
        "encoder.fc1: a block must divide the 10 numbers of a row, got 4: 1, 2, 5, 10 do",
        () -> quantize(PLAN, List.of(weight("encoder.fc1", 10, 2))));
    Layer norm = new Layer("norm", "LayerNorm", Map.of());
    refused(
        "the settings must have an entry for type LayerNorm of layer norm, got [Linear]",
        () -> new LayerSettings(PLAN.blockSizes()).of(norm));
    refused(
        "the settings must have a number for layer fc by in_features 9, got [8]",
        () ->
            new LayerSettings(
                    Map.of("Linear", new LayerSettings.Choice("in_features", Map.of("8", 1))))
                .of(new Layer("fc", "Linear", Map.of("in_features", "9"))));
    refused(
        "the number of 8 must be at least 1, got 0",
        () -> new LayerSettings.Choice("in_features", Map.of("8", 0)));
    refused(
        "iterations must be at least 1, got 0",
        () -> new QuantizationPlan(List.of("a"), Map.of(), Map.of(), 0));
    refused(
        "stages must be one or more, got none",
        () -> new QuantizationPlan(List.of(), Map.of(), Map.of(), 1));
    refused("parameters must be at least 1, got 0", () -> new SizeTracker(0));
  }

  @Test
  void theFormulaStandsBesideTheFile(@TempDir Path directory) throws IOException {
    SizeTracker tracker = new SizeTracker(1024);
    tracker.add(Shape.of(32, 32), 8, 16);
    Path file = Files.write(directory.resolve("a"), new byte[512]);
    // 4 bits for each of 128 blocks, 2 bytes for each of 128 numbers of centroids.
    assertEquals(
        "by the formula 320 bytes, 12.80x smaller; in the file 512 bytes, 8.00x smaller",
        tracker.beside(file));
  }

  private static <T> T of(Map<String, T> map, String key) {
    return Objects.requireNonNull(map.get(key), key);
  }

  private static void quantize(QuantizationPlan plan, List<LayerWeight> weights) {
    plan.quantize(
        0, weights, EmOptions.ofCentroids(1), layer -> EmDraws.seeded(1), (layer, step) -> {});
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
