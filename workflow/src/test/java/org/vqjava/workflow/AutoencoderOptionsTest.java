/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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
        Quantizer.L2,
        SearchMode.FAST,
        0,
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
        0,
        Optional.empty(),
        Optional.empty());
  }

  private static AutoencoderOptions with(
      double alpha, double beta, double gamma, double commitment, double rate) {
    return new AutoencoderOptions(
        4,
        2,
        1,
        Quantizer.L2,
        SearchMode.FAST,
        0,
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
        0,
        Optional.empty(),
        Optional.empty());
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
    int withoutPaths = AutoencoderOptions.class.getRecordComponents().length - 2;
    assertEquals(withoutPaths, named.size());
    assertEquals("l2", named.get("quantizer"));
    assertEquals("fast", named.get("search"));
    assertEquals("k-means-plus-plus", named.get("init"));
  }

  @Test
  void optionsComeBackFromTheirNamesAsJson() {
    AutoencoderOptions options =
        new AutoencoderOptions(
            3,
            4,
            5,
            Quantizer.COSINE,
            SearchMode.EXACT,
            2,
            CodebookStart.NORMAL,
            0.1,
            0.2,
            0.3,
            0.4,
            0,
            6,
            7,
            8,
            0.5,
            Long.MAX_VALUE,
            Optional.of(Path.of("/data/images")),
            Optional.of(Path.of("/runs/digits-001")));
    JsonNode json = new ObjectMapper().valueToTree(options.byName());
    assertEquals(options, AutoencoderOptions.ofNames(json));
    refused(
        "the options must have codes, got {}",
        () -> AutoencoderOptions.ofNames(new ObjectMapper().createObjectNode()));
  }

  @Test
  void theCosineReplacesNoCodesAndComponentsAreAtMostTheWidth() {
    refused(
        "replace must be 0 for the quantizer cosine, which replaces no codes, got 2",
        () -> with(Quantizer.COSINE, 0, 2));
    refused("pca must be at most the width 4, got 5", () -> with(Quantizer.L2, 5, 0));
    refused("pca must be at least 0, got -1", () -> with(Quantizer.L2, -1, 0));
  }

  private static AutoencoderOptions with(Quantizer quantizer, int pca, int replaced) {
    return new AutoencoderOptions(
        8,
        4,
        1,
        quantizer,
        SearchMode.FAST,
        pca,
        CodebookStart.BATCH,
        1,
        0,
        0,
        1,
        replaced,
        1,
        1,
        1,
        0.1,
        0,
        Optional.empty(),
        Optional.empty());
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

  @Test
  void aBuilderChangesOneByOne() {
    AutoencoderOptions all =
        new AutoencoderOptions(
            32,
            8,
            2,
            Quantizer.L1,
            SearchMode.EXACT,
            3,
            CodebookStart.NORMAL,
            0.1,
            0.2,
            0.3,
            0.4,
            5,
            6,
            7,
            9,
            0.5,
            11,
            Optional.of(Path.of("images")),
            Optional.empty());
    AutoencoderOptions built =
        new AutoencoderOptionsBuilder()
            .codes(32)
            .width(8)
            .splits(2)
            .quantizer(Quantizer.L1)
            .mode(SearchMode.EXACT)
            .pca(3)
            .start(CodebookStart.NORMAL)
            .alpha(0.1)
            .beta(0.2)
            .gamma(0.3)
            .commitment(0.4)
            .replaced(5)
            .replaceEvery(6)
            .epochs(7)
            .batch(9)
            .rate(0.5)
            .seed(11)
            .data(Path.of("images"))
            .build();
    assertEquals(all, built);
    assertEquals(all, all.toBuilder().build());
    assertEquals(AutoencoderOptions.defaults(), new AutoencoderOptionsBuilder().build());
    assertEquals(
        "epochs must be at least 1, got 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> new AutoencoderOptionsBuilder().epochs(0).build())
            .getMessage());
  }
}
