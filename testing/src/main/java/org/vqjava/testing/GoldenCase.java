/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A golden case: data only, the inputs, the parameters and the results of another implementation.
 *
 * @param name what the case calls itself, {@code vq/l2-basic}
 * @param function the name that the implementation itself uses
 * @param params parameters under the implementation's own names
 * @param inputs what goes in
 * @param expected what is to come out; empty for a case over several steps
 * @param steps the steps of a case over several training steps, else none
 * @param last what is to come out after the last step; mostly empty
 * @param tolerance when two values agree
 * @param stepTolerance when values of steps, and after them, agree: the same if nothing else is
 *     said
 */
public record GoldenCase(
    String name,
    String function,
    GoldenNode params,
    GoldenNode inputs,
    GoldenNode expected,
    List<Step> steps,
    GoldenNode last,
    Tolerance tolerance,
    Tolerance stepTolerance) {

  /**
   * NaN and infinities stand bare in what Python writes; a file that is cut or merged is refused.
   */
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> KEYS =
      Set.of(
          "case",
          "function",
          "about",
          "provenance",
          "params",
          "inputs",
          "expected",
          "steps",
          "final",
          "tolerance",
          "step_tolerance",
          "original_gives_nan",
          "reference");
  private static final Set<String> STEP_KEYS = Set.of("params", "inputs", "expected");

  /**
   * One step of a case whose state carries over from step to step.
   *
   * @param params parameters of this step alone, mostly none
   * @param inputs what goes in
   * @param expected what is to come out
   */
  public record Step(GoldenNode params, GoldenNode inputs, GoldenNode expected) {}

  /**
   * Reads a case of a file.
   *
   * @param file its JSON
   * @return the case
   * @throws IOException if it cannot be read, or is no case
   */
  public static GoldenCase read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in);
    }
  }

  static GoldenCase read(InputStream in) throws IOException {
    JsonNode root = JSON.readTree(in);
    String name = text(root, "case");
    String function = text(root, "function");
    requireKnown(name, root, KEYS);
    if (root.has("steps") && !root.get("steps").isArray()) {
      throw new IOException(name + "/steps must be an array, got " + root.get("steps"));
    }
    if (root.path("expected").isEmpty() && root.path("steps").isEmpty()) {
      throw new IOException(name + " must have expected or steps");
    }
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : root.path("steps")) {
      String path = name + "/steps/" + steps.size();
      requireKnown(path, step, STEP_KEYS);
      steps.add(
          new Step(
              new GoldenNode(path + "/params", step.path("params")),
              new GoldenNode(path + "/inputs", step.path("inputs")),
              new GoldenNode(path + "/expected", step.path("expected"))));
    }
    return new GoldenCase(
        name,
        function,
        new GoldenNode(name + "/params", root.path("params")),
        new GoldenNode(name + "/inputs", root.path("inputs")),
        new GoldenNode(name + "/expected", root.path("expected")),
        List.copyOf(steps),
        new GoldenNode(name + "/final", root.path("final")),
        tolerance(name, root, "tolerance"),
        tolerance(name, root, root.has("step_tolerance") ? "step_tolerance" : "tolerance"));
  }

  private static Tolerance tolerance(String name, JsonNode root, String key) {
    GoldenNode node = new GoldenNode(name + "/" + key, root.path(key));
    Tolerance tolerance = new Tolerance(node.number("absolute"), node.number("relative"));
    node.requireAllRead();
    return tolerance;
  }

  private static String text(JsonNode root, String key) throws IOException {
    JsonNode value = root.path(key);
    if (!value.isTextual()) {
      throw new IOException("a case must have a text " + key + ", got " + value);
    }
    return value.textValue();
  }

  private static void requireKnown(String path, JsonNode node, Set<String> keys)
      throws IOException {
    for (var field : node.properties()) {
      if (!keys.contains(field.getKey())) {
        throw new IOException(path + ": the reader does not know " + field.getKey());
      }
    }
  }

  /**
   * Marks all keys as rightly without effect.
   *
   * @param why the reason, for whoever reads the reader
   */
  public void ignoreAll(String why) {
    Stream.concat(
            Stream.of(params, inputs, expected, last),
            steps.stream().flatMap(s -> Stream.of(s.params(), s.inputs(), s.expected())))
        .forEach(node -> node.ignoreAll(why));
  }

  /**
   * Fails if the case holds a parameter, an input or a result that nothing asked for.
   *
   * @throws AssertionError naming the keys
   */
  public void requireAllRead() {
    params.requireAllRead();
    inputs.requireAllRead();
    expected.requireAllRead();
    last.requireAllRead();
    for (Step step : steps) {
      step.params().requireAllRead();
      step.inputs().requireAllRead();
      step.expected().requireAllRead();
    }
  }
}
