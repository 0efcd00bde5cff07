/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A golden case: data only, the inputs, the parameters and the results of another implementation.
 *
 * @param name what the case calls itself, {@code vq/l2-basic}
 * @param function the name that the implementation itself uses
 * @param params parameters under the implementation's own names
 * @param inputs what goes in
 * @param expected what is to come out; empty for a case over several steps
 * @param steps the steps of a case over several training steps, else none
 * @param tolerance when two values agree
 */
public record GoldenCase(
    String name,
    String function,
    GoldenNode params,
    GoldenNode inputs,
    GoldenNode expected,
    List<Step> steps,
    Tolerance tolerance) {

  private static final ObjectMapper JSON = new ObjectMapper();
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
          "tolerance",
          "original_gives_nan");

  /**
   * One step of a case whose state carries over from step to step.
   *
   * @param params parameters of this step alone, mostly none
   * @param inputs what goes in
   * @param expected what is to come out
   */
  public record Step(GoldenNode params, GoldenNode inputs, GoldenNode expected) {}

  static GoldenCase read(InputStream in) throws IOException {
    JsonNode root = JSON.readTree(in);
    String name = root.path("case").asText();
    for (var field : root.properties()) {
      if (!KEYS.contains(field.getKey())) {
        throw new IOException(name + ": the reader does not know " + field.getKey());
      }
    }
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : root.path("steps")) {
      String path = name + "/steps/" + steps.size();
      steps.add(
          new Step(
              new GoldenNode(path + "/params", step.path("params")),
              new GoldenNode(path + "/inputs", step.path("inputs")),
              new GoldenNode(path + "/expected", step.path("expected"))));
    }
    return new GoldenCase(
        name,
        root.path("function").asText(),
        new GoldenNode(name + "/params", root.path("params")),
        new GoldenNode(name + "/inputs", root.path("inputs")),
        new GoldenNode(name + "/expected", root.path("expected")),
        List.copyOf(steps),
        new Tolerance(
            root.at("/tolerance/absolute").asDouble(), root.at("/tolerance/relative").asDouble()));
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
    for (Step step : steps) {
      step.params().requireAllRead();
      step.inputs().requireAllRead();
      step.expected().requireAllRead();
    }
  }
}
