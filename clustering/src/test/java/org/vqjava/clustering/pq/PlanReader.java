/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenTensor;

/** Runs cases of names, settings, sizes and of a model that is quantized in stages. */
final class PlanReader {
  private PlanReader() {}

  static void layers(GoldenCase golden) {
    assertEquals(
        golden.expected().tensor("layers").texts(),
        LayerNames.matching(
            golden.inputs().tensor("parameter_names").texts(),
            golden.params().text("filter_regexp"),
            golden.params().flag("remove_weights")));
  }

  static void parameters(GoldenCase golden) {
    LayerSettings settings = settings(golden.params().json("param_config"));
    for (GoldenCase.Step step : golden.steps()) {
      GoldenNode features = step.inputs().child("features");
      Map<String, String> texts = new LinkedHashMap<>();
      features.keys().forEach(key -> texts.put(key, features.tensor(key).text()));
      Layer layer =
          new Layer(
              step.inputs().tensor("layer_name").text(),
              step.inputs().tensor("layer_type").text(),
              texts);
      if (step.expected().has("error")) {
        assertThrows(IllegalArgumentException.class, () -> settings.of(layer));
        step.expected().ignore("error", "refused");
      } else {
        assertEquals(step.expected().tensor("value").scalar(), settings.of(layer), layer.name());
      }
    }
  }

  private static LayerSettings settings(JsonNode json) {
    Map<String, LayerSettings.Choice> byType = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> type : json.properties()) {
      Map<String, Integer> numbers = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> number : type.getValue().get(1).properties()) {
        numbers.put(number.getKey(), number.getValue().intValue());
      }
      byType.put(
          type.getKey(), new LayerSettings.Choice(type.getValue().get(0).textValue(), numbers));
    }
    return new LayerSettings(byType);
  }

  static void sizes(GoldenCase golden) {
    double[] parameters = golden.inputs().tensor("parameter_sizes").doubles();
    SizeTracker tracker = new SizeTracker((long) Arrays.stream(parameters).sum());
    check(golden, golden.expected(), Map.of("size_non_compressed_model", tracker.original()));
    for (GoldenCase.Step step : golden.steps()) {
      GoldenNode inputs = step.inputs();
      tracker.add(
          shape(inputs.tensor("weight_shape")),
          (int) inputs.tensor("block_size").scalar(),
          (int) inputs.tensor("n_centroids").scalar());
      check(
          golden,
          step.expected(),
          Map.of(
              "n_quantized_layers", (double) tracker.layers(),
              "size_index", tracker.index(),
              "size_centroids", tracker.centroids(),
              "size_non_quantized", tracker.nonQuantized(),
              "size_compressed", tracker.compressed(),
              "compression_ratio", tracker.ratio()));
      assertEquals(step.expected().tensor("report").text(), tracker.toString());
    }
  }

  private static Shape shape(GoldenTensor tensor) {
    return Shape.of(Arrays.stream(tensor.doubles()).mapToLong(v -> (long) v).toArray());
  }

  private static void check(GoldenCase golden, GoldenNode expected, Map<String, Double> values) {
    values.forEach(
        (key, value) ->
            golden.tolerance().check(key, new double[] {value}, expected.tensor(key).doubles()));
  }

  static void quantize(GoldenCase golden) {
    GoldenNode params = golden.params();
    GoldenNode weights = golden.inputs().child("weights");
    List<LayerWeight> left = new ArrayList<>();
    long parameters = 0;
    for (String name : weights.keys()) {
      parameters += weights.tensor(name).shape().size();
    }
    SizeTracker tracker = new SizeTracker(parameters);
    for (Map.Entry<String, JsonNode> module : params.json("modules").properties()) {
      GoldenTensor weight = weights.tensor(module.getKey() + ".weight");
      Layer layer =
          new Layer(
              module.getKey(),
              module.getValue().get(0).textValue(),
              features(module.getValue().get(1)));
      left.add(
          new LayerWeight(layer, GoldenDraws.floats(weight), weight.shape(), BlockLayout.ROWS));
    }
    QuantizationPlan plan =
        new QuantizationPlan(
            StreamSupport.stream(params.json("layers_to_quantize").spliterator(), false)
                .map(JsonNode::textValue)
                .toList(),
            settings(params.json("block_sizes_config")).byType(),
            settings(params.json("n_centroids_config")).byType(),
            params.integer("n_iter"));
    EmOptions options = EmOptions.original(1, 1, params.number("eps"), 30);
    for (int stage = 0; stage < golden.steps().size(); stage++) {
      stage(golden, plan, stage, left, options, tracker);
    }
  }

  private static void stage(
      GoldenCase golden,
      QuantizationPlan plan,
      int stage,
      List<LayerWeight> left,
      EmOptions options,
      SizeTracker tracker) {
    GoldenCase.Step step = golden.steps().get(stage);
    GoldenNode initial = step.inputs().child("initial_indices");
    Map<String, GoldenDraws> draws = new LinkedHashMap<>();
    for (String name : initial.keys()) {
      draws.put(name, GoldenDraws.from(initial.tensor(name)));
    }
    Map<String, QuantizedWeight> quantized =
        plan.quantize(
            stage,
            left,
            options,
            layer -> Objects.requireNonNull(draws.get(layer.name()), layer.name()),
            (layer, s) -> {});
    GoldenNode expected = step.expected();
    assertEquals(expected.tensor("layers").texts(), List.copyOf(quantized.keySet()));
    GoldenNode all = expected.child("quantized");
    quantized.forEach(
        (name, weight) -> {
          GoldenNode one = all.child(name);
          one.ignore("module", "a class of the original");
          EmReader.checkState(
              golden.tolerance(), one, weight.centroids(), weight.assignments().toInts());
          golden
              .tolerance()
              .check(
                  "weight", GoldenDraws.doubles(weight.decode()), one.tensor("weight").doubles());
          tracker.add(weight.shape(), weight.blockSize(), weight.assignments().centroids());
        });
    left.removeIf(w -> quantized.containsKey(w.layer().name()));
    check(
        golden,
        expected,
        Map.of(
            "size_index", tracker.index(),
            "size_centroids", tracker.centroids(),
            "size_non_quantized", tracker.nonQuantized()));
  }

  /** As Python writes them. */
  private static Map<String, String> features(JsonNode arguments) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> argument : arguments.properties()) {
      JsonNode value = argument.getValue();
      texts.put(
          argument.getKey(),
          value.isArray()
              ? StreamSupport.stream(value.spliterator(), false)
                  .map(JsonNode::asText)
                  .collect(Collectors.joining(", ", "(", ")"))
              : value.asText());
    }
    return texts;
  }
}
