/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenCaseTest {
  private static final String VALID =
      """
      {
        "case": "vq/small",
        "function": "vector_quantization",
        "about": "a small one",
        "provenance": {"implementation": "by hand"},
        "reference": {"for": "information"},
        "params": {"n": 4, "alpha": 0.1, "lookup_ord": "inf", "constant_init": true},
        "inputs": {"x": {"dtype": "float32", "shape": [2, 1], "values": [0.1, -2]}},
        "expected": {"losses": {"alpha": {"dtype": "float64", "shape": [], "values": [0.5]}}},
        "steps": [
          {"inputs": {"op": {"dtype": "string", "shape": [], "values": ["train"]}},
           "expected": {"indices": {"dtype": "int32", "shape": [2], "values": [3, 0]}}},
          {"params": {"freeze": false}, "inputs": {}, "expected": {}}
        ],
        "tolerance": {"absolute": 1e-5, "relative": 1e-6}
      }
      """;

  @Test
  void readsEveryPartOfACase() throws IOException {
    GoldenCase golden = read(VALID);
    assertEquals("vq/small", golden.name());
    assertEquals("vector_quantization", golden.function());
    assertEquals(new Tolerance(1e-5, 1e-6), golden.tolerance());
    assertEquals(4, golden.params().integer("n"));
    assertEquals(0.1, golden.params().number("alpha"));
    assertEquals("inf", golden.params().text("lookup_ord"));
    assertEquals(true, golden.params().flag("constant_init"));
    assertArrayEquals(new double[] {0.1f, -2}, golden.inputs().tensor("x").doubles());
    assertEquals(0.5, golden.expected().child("losses").tensor("alpha").scalar());
    assertEquals(2, golden.steps().size());
    GoldenCase.Step train = golden.steps().get(0);
    assertEquals("train", train.inputs().tensor("op").text());
    assertArrayEquals(new double[] {3, 0}, train.expected().tensor("indices").doubles());
    assertEquals(false, golden.steps().get(1).params().flag("freeze"));
    golden.requireAllRead();
  }

  /** One part after the other is left unread; all the others are read. */
  @ParameterizedTest
  @CsvSource({
    "params,          'vq/small/params: the reader does not know [n]'",
    "inputs,          'vq/small/inputs: the reader does not know [x]'",
    "expected,        'vq/small/expected/losses: the reader does not know [alpha]'",
    "step params,     'vq/small/steps/1/params: the reader does not know [freeze]'",
    "step inputs,     'vq/small/steps/0/inputs: the reader does not know [op]'",
    "step expected,   'vq/small/steps/0/expected: the reader does not know [indices]'"
  })
  void failsForWhatNothingAskedFor(String unread, String message) throws IOException {
    GoldenCase golden = read(VALID);
    golden.params().keys().stream()
        .filter(key -> !(unread.equals("params") && key.equals("n")))
        .forEach(golden.params()::has);
    golden.inputs().keys().stream()
        .filter(key -> !unread.equals("inputs"))
        .forEach(golden.inputs()::has);
    GoldenNode losses = golden.expected().child("losses");
    losses.keys().stream().filter(key -> !unread.equals("expected")).forEach(losses::has);
    for (GoldenCase.Step step : golden.steps()) {
      step.params().keys().stream()
          .filter(key -> !unread.equals("step params"))
          .forEach(step.params()::has);
      step.inputs().keys().stream()
          .filter(key -> !unread.equals("step inputs"))
          .forEach(step.inputs()::has);
      step.expected().keys().stream()
          .filter(key -> !unread.equals("step expected"))
          .forEach(step.expected()::has);
    }
    assertEquals(message, assertThrows(AssertionError.class, golden::requireAllRead).getMessage());
  }

  /** Each replaces a part of the valid case. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"case\": \"vq/small\",'" + "|''" + "|'a case must have a text case, got '",
        "'\"function\": \"vector_quantization\"'"
            + "|'\"function\": 7'"
            + "|a case must have a text function, got 7",
        "'\"about\"'" + "|'\"abuot\"'" + "|vq/small: the reader does not know abuot",
        "'{\"params\": {\"freeze\"'"
            + "|'{\"parms\": {\"freeze\"'"
            + "|vq/small/steps/1: the reader does not know parms",
        "'{\"n\": 4, \"alpha\": 0.1, \"lookup_ord\": \"inf\", \"constant_init\": true}'"
            + "|'[4]'"
            + "|vq/small/params must be an object, got [4]",
        "'\"tolerance\": {\"absolute\": 1e-5, \"relative\": 1e-6}'"
            + "|'\"original_gives_nan\": []'"
            + "|vq/small/tolerance must have absolute, got []",
        "'\"relative\": 1e-6'"
            + "|'\"relative\": \"1e-6\"'"
            + "|vq/small/tolerance/relative must be a number, got \"1e-6\"",
        "'\"relative\": 1e-6'"
            + "|'\"relative\": 0, \"ulp\": 1'"
            + "|vq/small/tolerance: the reader does not know [ulp]",
        "'\"absolute\": 1e-5'"
            + "|'\"absolute\": Infinity'"
            + "|absolute must be finite and at least 0, got Infinity"
      })
  void refusesADamagedCase(String part, String damage, String message) {
    refused(VALID.replace(part, damage), message);
  }

  /** It would agree with anything. */
  @Test
  void refusesACaseThatExpectsNothing() {
    String empty =
        """
        {"case": "a", "function": "f", "params": {}, "inputs": {}, "expected": {}, "steps": [],
         "tolerance": {"absolute": 0, "relative": 0}}
        """;
    refused(empty, "a must have expected or steps");
    refused(empty.replace("\"steps\": []", "\"steps\": {}"), "a/steps must be an array, got {}");
    refused("", "a case must have a text case, got ");
  }

  @Test
  void refusesAFileThatIsCutMergedOrDoubled() {
    assertThrows(IOException.class, () -> read(VALID.substring(0, VALID.length() / 2)));
    assertThrows(IOException.class, () -> read(VALID + VALID));
    assertThrows(
        IOException.class, () -> read(VALID.replace("\"about\"", "\"params\": {}, \"about\"")));
  }

  private static void refused(String json, String message) {
    Throwable e = assertThrows(Throwable.class, () -> read(json));
    assertEquals(message, e.getMessage());
  }

  private static GoldenCase read(String json) throws IOException {
    return GoldenCase.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
  }
}
