/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** How codebooks get their first values. */
class CodebookInitializerTest {
  private static final Shape UNKNOWN = Shape.of(-1, 2);

  @Test
  void normalNumbersHaveTheirDeviation() {
    double[] values = first(CodebookInitializer.normal(0.5, 3), 200, 50);
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> v * v).average().orElseThrow() - mean * mean;
    assertEquals(0, mean, 0.02);
    assertEquals(0.5, Math.sqrt(variance), 0.02);
  }

  @Test
  void uniformNumbersFillTheirRange() {
    double[] values = first(CodebookInitializer.uniform(-1, 3, 3), 200, 50);
    assertEquals(1, Arrays.stream(values).average().orElseThrow(), 0.05);
    assertTrue(Arrays.stream(values).allMatch(v -> v >= -1 && v < 3));
    assertTrue(Arrays.stream(values).anyMatch(v -> v < -0.95));
    assertTrue(Arrays.stream(values).anyMatch(v -> v > 2.95));
  }

  @Test
  void aSeedGivesTheSameBitsAndAnotherSeedOthers() {
    List<LongFunction<CodebookInitializer>> randoms =
        List.of(
            seed -> CodebookInitializer.normal(1, seed),
            seed -> CodebookInitializer.uniform(0, 1, seed));
    for (var random : randoms) {
      double[] once = first(random.apply(5), 7, 3);
      assertArrayEquals(once, first(random.apply(5), 7, 3));
      assertFalse(Arrays.equals(once, first(random.apply(6), 7, 3)));
    }
    double[] batch = LayerFixture.random(1, 40);
    List<LongFunction<CodebookInitializer>> choices =
        List.of(
            CodebookInitializer::kMeansPlusPlus,
            seed -> CodebookInitializer.fromBatchWithJitter(0.01, seed));
    for (var choice : choices) {
      double[] some = Arrays.copyOf(batch, 20);
      int size = choice.apply(0).toString().startsWith("k") ? 5 : 15;
      double[] once = fromBatch(choice.apply(5), size, some);
      assertArrayEquals(once, fromBatch(choice.apply(5), size, some));
      assertFalse(Arrays.equals(once, fromBatch(choice.apply(6), size, some)));
    }
  }

  @Test
  void givenValuesAreTaken() {
    double[] codes = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(codes, first(CodebookInitializer.constant(codes), 3, 2));
    assertArrayEquals(
        codes, first(CodebookInitializer.constant(new float[] {1, 2, 3, 4, 5, 6}), 3, 2));
  }

  @Test
  void givenValuesAreCopied() {
    double[] codes = {1, 2};
    CodebookInitializer initializer = CodebookInitializer.constant(codes);
    codes[0] = 9;
    assertArrayEquals(new double[] {1, 2}, first(initializer, 1, 2));
  }

  @Test
  void theFirstPiecesOfABatchBecomeTheCodes() {
    double[] batch = LayerFixture.random(1, 10);
    assertArrayEquals(
        Arrays.copyOf(batch, 6), fromBatch(CodebookInitializer.fromBatch(), 3, batch));
  }

  @Test
  void missingCodesAreDrawnNearPiecesOfTheBatch() {
    double[] batch = {-100, 0, 100, 0, 0, 100};
    double[] codes = fromBatch(CodebookInitializer.fromBatchWithJitter(0.001, 4), 12, batch);
    assertArrayEquals(batch, Arrays.copyOf(codes, 6));
    for (int k = 3; k < 12; k++) {
      double nearest = Double.POSITIVE_INFINITY;
      for (int n = 0; n < 3; n++) {
        nearest =
            Math.min(
                nearest,
                Math.hypot(codes[2 * k] - batch[2 * n], codes[2 * k + 1] - batch[2 * n + 1]));
      }
      assertTrue(nearest > 0 && nearest < 1, "code " + k + " is off by " + nearest);
    }
  }

  @Test
  void kMeansPlusPlusTakesNoPieceTwiceWhileThereAreOthers() {
    double[] batch = new double[200];
    for (int n = 0; n < 100; n++) {
      batch[2 * n] = n < 92 ? 0 : n; // 92 alike, 8 others: a background
    }
    double[] codes = fromBatch(CodebookInitializer.kMeansPlusPlus(1), 9, batch);
    double[] firsts = new double[9];
    for (int k = 0; k < 9; k++) {
      firsts[k] = codes[2 * k];
    }
    Arrays.sort(firsts);
    assertArrayEquals(new double[] {0, 92, 93, 94, 95, 96, 97, 98, 99}, firsts);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fromBatch", "kMeansPlusPlus"})
  void aBatchThatIsTooSmallIsNamedWhenItIsRun(String name) {
    CodebookInitializer initializer =
        name.equals("fromBatch")
            ? CodebookInitializer.fromBatch()
            : CodebookInitializer.kMeansPlusPlus(1);
    var thrown =
        assertThrows(RuntimeException.class, () -> fromBatch(initializer, 3, new double[] {1, 2}));
    String message = String.valueOf(thrown.getMessage());
    assertTrue(
        message.contains("x must have at least 3 finite pieces to set the codebook from, got"),
        message);
  }

  @Test
  void aBatchThatIsKnownToBeTooSmallIsRefusedWhenTheLayerIsBuilt() {
    refused(
        "x must have at least 3 finite pieces to set the codebook from, got 2",
        () ->
            LayerFixture.floats(
                    Shape.of(2, 2), 3, 2, CodebookInitializer.fromBatch(), VqOptions.defaults())
                .close());
  }

  @Test
  void onlyThoseThatReadABatchHaveABatchInit() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(UNKNOWN));
      var codebook = Codebook.create(tf, "codebook", 3, 2, CodebookInitializer.normal(1, 1));
      assertTrue(
          VectorQuantization.vectorQuantization(tf, x, codebook, VqOptions.defaults())
              .embSpaceBatchInit()
              .isEmpty());
    }
  }

  @Test
  void refusesNumbersOutOfRange() {
    refused("stddev must be positive and finite, got 0.0", () -> CodebookInitializer.normal(0, 1));
    refused(
        "stddev must be positive and finite, got NaN",
        () -> CodebookInitializer.normal(Double.NaN, 1));
    refused(
        "max must be greater than min 1.0, got 1.0", () -> CodebookInitializer.uniform(1, 1, 1));
    refused(
        "min must be finite, got -Infinity",
        () -> CodebookInitializer.uniform(Double.NEGATIVE_INFINITY, 1, 1));
    refused(
        "codes must be finite, got NaN",
        () -> CodebookInitializer.constant(new double[] {1, Double.NaN}));
    refused(
        "codes must be 3 times 2 numbers for the codebook, got 5",
        () -> first(CodebookInitializer.constant(new double[5]), 3, 2));
    refused(
        "jitter must be positive and finite, got -1.0",
        () -> CodebookInitializer.fromBatchWithJitter(-1, 1));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static double[] first(CodebookInitializer initializer, int size, int width) {
    try (var layer =
        LayerFixture.floats(Shape.of(-1, width), size, width, initializer, VqOptions.defaults())) {
      return layer.codes();
    }
  }

  private static double[] fromBatch(CodebookInitializer initializer, int size, double[] batch) {
    try (var layer = LayerFixture.floats(UNKNOWN, size, 2, initializer, VqOptions.defaults())) {
      layer.run(
          Shape.of(batch.length / 2, 2),
          batch,
          List.of(layer.vq.embSpaceBatchInit().orElseThrow()));
      return layer.codes();
    }
  }
}
