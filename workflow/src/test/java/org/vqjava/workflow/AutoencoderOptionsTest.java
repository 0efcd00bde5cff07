/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

class AutoencoderOptionsTest {
  private static final double NAN = Double.NaN;

  /** The defaults with one number of each kind changed. */
  private static AutoencoderOptions with(
      int codes, int width, int splits, int replaced, int every, int epochs, int batch) {
    return new AutoencoderOptions(
        codes,
        width,
        splits,
        Norm.L2,
        SearchMode.FAST,
        CodebookStart.BATCH,
        1,
        0,
        0,
        1,
        replaced,
        every,
        epochs,
        batch,
        0.1,
        0);
  }

  private static AutoencoderOptions with(
      double alpha, double beta, double gamma, double commitment, double rate) {
    return new AutoencoderOptions(
        4,
        2,
        1,
        Norm.L2,
        SearchMode.FAST,
        CodebookStart.BATCH,
        alpha,
        beta,
        gamma,
        commitment,
        0,
        1,
        1,
        1,
        rate,
        0);
  }

  @Test
  void refusesNumbersOutOfRangeByTheNamesOfTheCommandLine() {
    refused("codes must be at least 1, got 0", () -> with(0, 1, 1, 0, 1, 1, 1));
    refused("width must be at least 1, got 0", () -> with(4, 0, 1, 0, 1, 1, 1));
    refused("splits must be at least 1, got 0", () -> with(4, 1, 0, 0, 1, 1, 1));
    refused("replace must be at least 0, got -1", () -> with(4, 1, 1, -1, 1, 1, 1));
    refused(
        "replace must be at most the number of codes 4, got 5", () -> with(4, 1, 1, 5, 1, 1, 1));
    refused("replace-every must be at least 1, got 0", () -> with(4, 1, 1, 0, 0, 1, 1));
    refused("epochs must be at least 1, got 0", () -> with(4, 1, 1, 0, 1, 0, 1));
    refused("batch must be at least 1, got 0", () -> with(4, 1, 1, 0, 1, 1, 0));
    refused("alpha must be finite, got NaN", () -> with(NAN, 0, 0, 0, 1));
    refused("beta must be finite, got NaN", () -> with(0, NAN, 0, 0, 1));
    refused("gamma must be finite, got NaN", () -> with(0, 0, NAN, 0, 1));
    refused("commitment must be finite, got NaN", () -> with(0, 0, 0, NAN, 1));
    refused("rate must be positive and finite, got 0.0", () -> with(0, 0, 0, 0, 0));
    refused("rate must be positive and finite, got NaN", () -> with(0, 0, 0, 0, NAN));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void everyOptionHasItsNameOnTheCommandLine() {
    Map<String, Object> named = AutoencoderOptions.defaults().byName();
    assertEquals(AutoencoderOptions.class.getRecordComponents().length, named.size());
    assertEquals("2", named.get("order"));
    assertEquals("fast", named.get("search"));
    assertEquals("k-means-plus-plus", named.get("init"));
  }

  @Test
  void everyStartIsFoundByItsName() {
    UnaryOperator<CodebookStart> again = start -> CodebookStart.of(start.label());
    assertTrue(Arrays.stream(CodebookStart.values()).allMatch(s -> s == again.apply(s)));
    refused(
        "init must be one of k-means-plus-plus, batch, batch-with-jitter, normal, uniform, got"
            + " k-means",
        () -> CodebookStart.of("k-means"));
  }
}
