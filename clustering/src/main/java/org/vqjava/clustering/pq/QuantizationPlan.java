/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Which layers are quantized in which stage, and how. After a stage the caller trains on; what is
 * not quantized yet stays trainable.
 *
 * <p>As JSON:
 *
 * <pre>{@code
 * {
 *   "stages": ["decoder\\.fc[12]", "decoder\\.embed"],
 *   "block_sizes": {"Linear": {"feature": "fuzzy_name", "numbers": {"fc": 8}},
 *                   "Embedding": {"feature": "embedding_dim", "numbers": {"*": 8}}},
 *   "centroids": {"Linear": {"feature": "in_features", "numbers": {"*": 256}},
 *                 "Embedding": {"feature": "embedding_dim", "numbers": {"*": 256}}},
 *   "iterations": 20
 * }
 * }</pre>
 *
 * @param stages a regular expression for each, of names of layers, as {@link LayerNames#matching}
 *     has it
 * @param blockSizes numbers in a block, by layer
 * @param centroids numbers of centroids, by layer
 * @param iterations the most steps of the EM algorithm
 */
public record QuantizationPlan(
    @JsonProperty(required = true) List<String> stages,
    @JsonProperty(value = "block_sizes", required = true)
        Map<String, LayerSettings.Choice> blockSizes,
    @JsonProperty(required = true) Map<String, LayerSettings.Choice> centroids,
    @JsonProperty(required = true) int iterations) {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Copies lists and maps.
   *
   * @param stages at least one
   * @param blockSizes type → choice
   * @param centroids type → choice
   * @param iterations at least 1
   * @throws IllegalArgumentException if there is no stage, or no step
   */
  public QuantizationPlan {
    stages = List.copyOf(stages);
    blockSizes = new LayerSettings(blockSizes).byType();
    centroids = new LayerSettings(centroids).byType();
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("stages must be one or more, got none");
    }
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations must be at least 1, got " + iterations);
    }
  }

  /**
   * The weights of a stage.
   *
   * @param stage from 0
   * @param weights of all layers that are not quantized yet
   * @return those that the stage selects, in their order
   * @throws IllegalArgumentException if there is no such stage, or it selects none
   */
  public List<LayerWeight> ofStage(int stage, List<LayerWeight> weights) {
    if (stage < 0 || stage >= stages.size()) {
      throw new IllegalArgumentException(
          "stage must be from 0 to below " + stages.size() + ", got " + stage);
    }
    List<String> names = weights.stream().map(w -> w.layer().name()).toList();
    List<String> chosen = LayerNames.matching(names, stages.get(stage), false);
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "stage " + stage + ", " + stages.get(stage) + ", must match a layer, got " + names);
    }
    return weights.stream().filter(w -> chosen.contains(w.layer().name())).toList();
  }

  /**
   * Quantizes the weights of a stage.
   *
   * @param stage from 0
   * @param weights of all layers that are not quantized yet
   * @param options how the EM algorithm runs; centroids and iterations are the plan's
   * @param draws what is random in a layer
   * @param listener hears of each step, with the layer's name
   * @return layer's name → quantized weight
   * @throws IllegalArgumentException if the stage selects none, a layer has no block size or number
   *     of centroids, or its weight cannot be quantized so; the layer is named
   */
  public Map<String, QuantizedWeight> quantize(
      int stage,
      List<LayerWeight> weights,
      EmOptions options,
      Function<Layer, EmDraws> draws,
      BiConsumer<Layer, EmStep> listener) {
    Map<String, QuantizedWeight> quantized = new LinkedHashMap<>();
    LayerSettings sizes = new LayerSettings(blockSizes);
    LayerSettings counts = new LayerSettings(centroids);
    for (LayerWeight weight : ofStage(stage, weights)) {
      Layer layer = weight.layer();
      int blockSize = sizes.of(layer);
      EmOptions chosen = options.withCentroids(counts.of(layer)).withIterations(iterations);
      try {
        quantized.put(
            layer.name(),
            ProductQuantizer.encode(
                weight.values(),
                weight.shape(),
                weight.layout(),
                blockSize,
                chosen,
                draws.apply(layer),
                step -> listener.accept(layer, step)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(layer.name() + ": " + e.getMessage(), e);
      }
    }
    return quantized;
  }

  /**
   * Reads a plan.
   *
   * @param file JSON
   * @return the plan
   * @throws IllegalArgumentException if it is no plan
   * @throws IOException if it cannot be read
   */
  public static QuantizationPlan read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readString(file), QuantizationPlan.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + " must be a quantization plan: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Writes the plan, whole or not at all.
   *
   * @param file takes JSON
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    // Not a temporary file of the JDK, which is its owner's alone and would stay so.
    Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.writeString(temporary, JSON.writeValueAsString(this));
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
