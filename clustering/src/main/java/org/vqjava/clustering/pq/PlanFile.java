/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A plan as JSON. What is wrong with one is told with the file and the field, all at once. */
final class PlanFile {
  private static final String STAGES = "stages";
  private static final String BLOCK_SIZES = "block_sizes";
  private static final String CENTROIDS = "centroids";
  private static final String ITERATIONS = "iterations";
  private static final String WHERE_IT_FITS = "where_it_fits";
  private static final String FEATURE = "feature";
  private static final String NUMBERS = "numbers";
  private static final String WHOLE_NUMBER = "a whole number of at least 1";
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final List<String> faults = new ArrayList<>();

  private PlanFile() {}

  static QuantizationPlan read(Path file) throws IOException {
    PlanFile reader = new PlanFile();
    QuantizationPlan plan = null;
    try {
      plan = reader.plan(tree(text(file)));
    } catch (IllegalArgumentException e) {
      reader.faults.add(e.getMessage());
    }
    if (plan == null || !reader.faults.isEmpty()) {
      throw new IllegalArgumentException(
          file + " must be a quantization plan: " + String.join("; ", reader.faults));
    }
    return plan;
  }

  static String write(QuantizationPlan plan) throws IOException {
    return JSON.writeValueAsString(plan);
  }

  private static String text(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("there is no such file");
    }
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException("it is a folder");
    }
    try {
      String text = Files.readString(file);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its text is not UTF-8", e);
    }
  }

  private static JsonNode tree(String text) throws IOException {
    try (JsonParser parser = JSON.createParser(text)) {
      JsonNode tree = JSON.readTree(parser);
      if (tree == null) {
        throw new IllegalArgumentException("it is empty");
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("more follows after its end");
      }
      return tree;
    } catch (StreamConstraintsException e) {
      throw new IllegalArgumentException("it is nested too deep, or has too long a number", e);
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new IllegalArgumentException(
          "it is no JSON"
              + (place == null
                  ? ""
                  : " at line " + place.getLineNr() + ", column " + place.getColumnNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
  }

  private @Nullable QuantizationPlan plan(JsonNode tree) {
    if (!tree.isObject()) {
      throw new IllegalArgumentException("it must be an object, got " + kind(tree));
    }
    checkFields("", tree, Set.of(STAGES, BLOCK_SIZES, CENTROIDS, ITERATIONS, WHERE_IT_FITS));
    List<String> stages = stages(tree.path(STAGES));
    Map<String, LayerSettings.Choice> blockSizes = choices(BLOCK_SIZES, tree);
    Map<String, LayerSettings.Choice> centroids = choices(CENTROIDS, tree);
    int iterations = number(ITERATIONS, tree.path(ITERATIONS));
    JsonNode fits = tree.path(WHERE_IT_FITS);
    if (!fits.isMissingNode() && !fits.isBoolean()) {
      fault(WHERE_IT_FITS, "true or false", fits);
    }
    return faults.isEmpty()
        ? new QuantizationPlan(stages, blockSizes, centroids, iterations, fits.asBoolean())
        : null;
  }

  private void checkFields(String place, JsonNode object, Set<String> known) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        faults.add("the field " + place + name + " is not known");
      }
    }
  }

  private List<String> stages(JsonNode array) {
    List<String> stages = new ArrayList<>();
    if (!array.isArray() || array.isEmpty()) {
      fault(STAGES, "an array of one or more regular expressions", array);
    }
    for (JsonNode stage : array) {
      if (stage.isTextual()) {
        stages.add(stage.asText());
      } else {
        fault(STAGES + "[" + stages.size() + "]", "a regular expression in quotes", stage);
        stages.add("");
      }
    }
    return stages;
  }

  private Map<String, LayerSettings.Choice> choices(String field, JsonNode tree) {
    Map<String, LayerSettings.Choice> choices = new LinkedHashMap<>();
    JsonNode object = tree.path(field);
    if (!object.isObject()) {
      fault(field, "an object: type of a layer, Dense say, to feature and numbers", object);
      return choices;
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String place = field + "." + entry.getKey() + ".";
      JsonNode choice = entry.getValue();
      checkFields(place, choice, Set.of(FEATURE, NUMBERS));
      JsonNode feature = choice.path(FEATURE);
      if (!feature.isTextual()) {
        fault(place + FEATURE, "a text, fuzzy_name say", feature);
      }
      choices.put(
          entry.getKey(),
          new LayerSettings.Choice(feature.asText(), numbers(place + NUMBERS, choice)));
    }
    return choices;
  }

  private Map<String, Integer> numbers(String place, JsonNode choice) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    JsonNode object = choice.path(NUMBERS);
    if (!object.isObject() || object.isEmpty()) {
      fault(place, "an object of one or more numbers, {\"*\": 8} say", object);
      return numbers;
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      numbers.put(entry.getKey(), number(place + "." + entry.getKey(), entry.getValue()));
    }
    return numbers;
  }

  private int number(String place, JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToInt() && node.asInt() >= 1) {
      return node.asInt();
    }
    fault(place, WHOLE_NUMBER, node);
    return 1;
  }

  private void fault(String place, String wanted, JsonNode got) {
    faults.add(place + " must be " + wanted + ", got " + kind(got));
  }

  private static String kind(JsonNode node) {
    if (node.isMissingNode()) {
      return "none";
    }
    if (node.isContainerNode()) {
      return (node.isEmpty() ? "an empty " : "an ") + (node.isArray() ? "array" : "object");
    }
    String text = node.toString();
    return text.length() > 40 ? text.substring(0, 40) + ".." : text;
  }
}
