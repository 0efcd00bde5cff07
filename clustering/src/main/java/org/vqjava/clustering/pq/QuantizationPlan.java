/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.LongStream;

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
 *   "iterations": 20,
 *   "where_it_fits": true
 * }
 * }</pre>
 *
 * <p>The last field may be left out, and is false then. A stage selects the layers whose name its
 * expression matches at the beginning, after {@code module.} or not.
 *
 * @param stages a regular expression for each, of names of layers
 * @param blockSizes numbers in a block, by layer
 * @param centroids numbers of centroids, by layer
 * @param iterations the most steps of the EM algorithm
 * @param whereItFits whether a selected layer that cannot be quantized so is left alone, and is no
 *     error
 */
public record QuantizationPlan(
    @JsonProperty(required = true) List<String> stages,
    @JsonProperty(value = "block_sizes", required = true)
        Map<String, LayerSettings.Choice> blockSizes,
    @JsonProperty(required = true) Map<String, LayerSettings.Choice> centroids,
    @JsonProperty(required = true) int iterations,
    @JsonProperty("where_it_fits") boolean whereItFits) {

  private static final String ANY = "*";
  private static final int MOST_STEPS = 20;
  private static final int LARGEST_BLOCK = 64;

  /**
   * Copies lists and maps.
   *
   * @param stages at least one
   * @param blockSizes type → choice
   * @param centroids type → choice
   * @param iterations at least 1
   * @param whereItFits whether what does not fit is left alone
   * @throws IllegalArgumentException if there is no stage, or no step, or a stage is no regular
   *     expression
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
    stages.forEach(QuantizationPlan::pattern);
  }

  /**
   * A plan by which what does not fit is an error.
   *
   * @param stages at least one
   * @param blockSizes type → choice
   * @param centroids type → choice
   * @param iterations at least 1
   * @throws IllegalArgumentException if there is no stage, or no step, or a stage is no regular
   *     expression
   */
  public QuantizationPlan(
      List<String> stages,
      Map<String, LayerSettings.Choice> blockSizes,
      Map<String, LayerSettings.Choice> centroids,
      int iterations) {
    this(stages, blockSizes, centroids, iterations, false);
  }

  /**
   * Quantizes all layers alike, in one stage, where it fits. Many weights become about {@code 32 ·
   * blockSize / log₂ centroids} times smaller.
   *
   * @param regex of whole names of layers, {@code .*} say
   * @param centroids of each layer
   * @param blockSize numbers in a block
   * @return the plan
   * @throws IllegalArgumentException if a number is below 1, or it is no regular expression
   */
  public static QuantizationPlan ofAll(String regex, int centroids, int blockSize) {
    pattern(regex);
    return new QuantizationPlan(
        List.of("(?:" + regex + ")$"),
        Map.of(ANY, new LayerSettings.Choice(LayerSettings.FUZZY_NAME, Map.of(ANY, blockSize))),
        Map.of(ANY, new LayerSettings.Choice(LayerSettings.FUZZY_NAME, Map.of(ANY, centroids))),
        MOST_STEPS,
        true);
  }

  private static Pattern pattern(String stage) {
    try {
      return Pattern.compile("(module\\.)?(" + stage + ")");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "stages must be regular expressions, got " + stage + ": " + e.getDescription(), e);
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
    List<LayerWeight> chosen = matching(stage, weights);
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(noneMatches(stage, weights));
    }
    return chosen;
  }

  private List<LayerWeight> matching(int stage, List<LayerWeight> weights) {
    Pattern pattern = pattern(stages.get(stage));
    return weights.stream().filter(w -> pattern.matcher(w.layer().name()).lookingAt()).toList();
  }

  private String noneMatches(int stage, List<LayerWeight> weights) {
    return "stage "
        + stage
        + ", "
        + stages.get(stage)
        + ", must match a layer, got "
        + weights.stream().map(w -> w.layer().name()).toList();
  }

  /**
   * Which layers cannot be quantized as the plan says, of all that its stages select.
   *
   * @param weights of all layers
   * @return layer's name → why not, and what would fit
   */
  public Map<String, String> misfits(List<LayerWeight> weights) {
    Map<String, String> misfits = new LinkedHashMap<>();
    for (int stage = 0; stage < stages.size(); stage++) {
      for (LayerWeight weight : matching(stage, weights)) {
        String reason = misfit(weight);
        if (!reason.isEmpty()) {
          misfits.put(weight.layer().name(), reason);
        }
      }
    }
    return misfits;
  }

  /**
   * Refuses, before anything is done, layers that cannot be quantized as the plan says, and stages
   * that select none, all at once.
   *
   * @param weights of all layers
   * @throws IllegalArgumentException if a stage selects no layer that the stages before it leave,
   *     or a layer does not fit; where what does not fit is left alone, if no layer fits
   */
  public void check(List<LayerWeight> weights) {
    List<String> faults = new ArrayList<>();
    List<LayerWeight> left = new ArrayList<>(weights);
    int fitting = 0;
    Map<String, String> misfits = misfits(weights);
    for (int stage = 0; stage < stages.size(); stage++) {
      List<LayerWeight> chosen = matching(stage, left);
      if (chosen.isEmpty()) {
        faults.add(noneMatches(stage, left));
      }
      List<LayerWeight> fits =
          chosen.stream().filter(w -> !misfits.containsKey(w.layer().name())).toList();
      fitting += fits.size();
      left.removeAll(whereItFits ? fits : chosen);
    }
    if (!whereItFits || fitting == 0) {
      misfits.forEach((layer, reason) -> faults.add(layer + ": " + reason));
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join(System.lineSeparator(), faults));
    }
  }

  /** Why a layer does not fit; nothing if it does. */
  private String misfit(LayerWeight weight) {
    int blockSize;
    int count;
    long columns;
    try {
      blockSize = new LayerSettings(blockSizes).of(weight.layer());
      count = new LayerSettings(centroids).of(weight.layer());
      columns = weight.layout().columns(weight.shape());
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
    if (columns % blockSize != 0) {
      return "a block must divide the "
          + columns
          + " numbers of a row, got "
          + blockSize
          + ": "
          + divisors(columns)
          + (columns == 1 ? " does" : " do");
    }
    int blocks = weight.layout().blocks(weight.shape(), blockSize);
    if (count > blocks) {
      return blocks + " blocks: at most " + blocks + " centroids, got " + count;
    }
    for (float value : weight.values()) {
      if (!Float.isFinite(value)) {
        return "its weights must be finite, got " + value;
      }
    }
    return "";
  }

  /** The smallest of them, which are what blocks are made of. */
  private static String divisors(long columns) {
    return String.join(
        ", ",
        LongStream.rangeClosed(1, Math.min(columns, LARGEST_BLOCK))
            .filter(size -> columns % size == 0)
            .mapToObj(String::valueOf)
            .toList());
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
   * @throws IllegalArgumentException if the stage selects none, or layers do not fit, which are all
   *     told before the first step; where what does not fit is left alone, never for that
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
    for (LayerWeight weight : fitting(ofStage(stage, weights))) {
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

  private List<LayerWeight> fitting(List<LayerWeight> chosen) {
    List<String> faults = new ArrayList<>();
    List<LayerWeight> fitting = new ArrayList<>();
    for (LayerWeight weight : chosen) {
      String reason = misfit(weight);
      if (reason.isEmpty()) {
        fitting.add(weight);
      } else {
        faults.add(weight.layer().name() + ": " + reason);
      }
    }
    if (!whereItFits && !faults.isEmpty()) {
      throw new IllegalArgumentException(String.join(System.lineSeparator(), faults));
    }
    return fitting;
  }

  /**
   * Reads a plan.
   *
   * @param file JSON
   * @return the plan
   * @throws IllegalArgumentException if there is no such file, or it is no plan: with the file, and
   *     each field that is wrong
   * @throws IOException if it cannot be read
   */
  public static QuantizationPlan read(Path file) throws IOException {
    return PlanFile.read(file);
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
      Files.writeString(temporary, PlanFile.write(this));
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
