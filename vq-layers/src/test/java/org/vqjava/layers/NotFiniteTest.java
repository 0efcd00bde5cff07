/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/** Pieces and codes that are not finite: one behaviour in all layers and modes. */
class NotFiniteTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITE = Double.POSITIVE_INFINITY;
  private static final Shape ANY = Shape.of(-1, 2);
  private static final double[] CODES = {0, 0, 1, 0, 0, 1, 3, 3};

  static Stream<Arguments> lookUps() {
    return Arrays.stream(Norm.values())
        .flatMap(norm -> Arrays.stream(SearchMode.values()).map(mode -> Arguments.of(norm, mode)));
  }

  private static VqOptions options(Norm norm, SearchMode mode) {
    return VqOptions.defaults()
        .withNorm(norm)
        .withMode(mode)
        .withAlpha(1)
        .withBeta(1)
        .withGamma(1)
        .withCommitment(1)
        .withReplaced(2);
  }

  /** The bad pieces take no part; their output and the losses show them. */
  @ParameterizedTest
  @MethodSource("lookUps")
  void aPieceThatIsNotFiniteTakesNothing(Norm norm, SearchMode mode) {
    double[] good = {0.9, 0.1, 0.2, 0.1, 2, 2.5};
    double[] bad = {0.9, 0.1, NAN, 1, 0.2, 0.1, 2, 2.5, 1, INFINITE, -INFINITE, 0};
    double[] codes = {NAN, 0, 1, 0, 0, 1, 3, 3};
    try (var layer =
        LayerFixture.floats(ANY, 4, 2, CodebookInitializer.constant(CODES), options(norm, mode))) {
      layer.run(layer.codebook.assign(layer.tf, layer.tf.constant(floats(codes))));
      var vq = layer.vq;
      Shape shape = Shape.of(6, 2);
      double[][] values =
          layer.run(
              shape,
              bad,
              List.of(vq.replacement().orElseThrow().update()),
              vq.indices(),
              vq.accessCount(),
              vq.layerOut(),
              vq.losses().alpha(),
              vq.losses().commitment());
      double[] indices = layer.value(Shape.of(3, 2), good, vq.indices());
      assertArrayEquals(new double[] {indices[0], 1, indices[1], indices[2], 1, 1}, values[0]);
      assertArrayEquals(layer.value(Shape.of(3, 2), good, vq.accessCount()), values[1]);
      for (int n = 0; n < 6; n++) {
        boolean finite = Double.isFinite(bad[2 * n]) && Double.isFinite(bad[2 * n + 1]);
        for (int d = 0; d < 2; d++) {
          double code = codes[2 * (int) values[0][n] + d];
          assertEquals(finite ? code : NAN, values[2][2 * n + d]);
        }
      }
      assertArrayEquals(new double[] {NAN}, values[3]);
      assertArrayEquals(new double[] {NAN}, values[4]);
      double[] kept = layer.value(vq.replacement().orElseThrow().distantInputs());
      assertTrue(Arrays.stream(kept).allMatch(Double::isFinite), Arrays.toString(kept));
      for (Operand<TFloat32> loss : List.of(vq.losses().alpha(), vq.losses().beta())) {
        Operand<?> gradient = layer.tf.gradients(loss, List.of(layer.codebook.variable())).dy(0);
        double[] expected = layer.value(Shape.of(3, 2), good, gradient);
        double[] actual = layer.value(shape, bad, gradient);
        for (int i = 2; i < 8; i++) {
          assertEquals(expected[i] / 2, actual[i], 1e-6, "a mean of six in place of three");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lookUps")
  void aCodeThatIsNotFiniteSpoilsNoOther(Norm norm, SearchMode mode) {
    double[] batch = LayerFixture.random(1, 40);
    Shape shape = Shape.of(20, 2);
    double[] codes = {1, 0, NAN, 1, 0, 1, 3, 3, INFINITE, 3};
    try (var layer =
            LayerFixture.floats(
                ANY, 5, 2, CodebookInitializer.constant(new double[10]), options(norm, mode));
        var clean =
            LayerFixture.floats(
                ANY,
                3,
                2,
                CodebookInitializer.constant(new double[] {1, 0, 0, 1, 3, 3}),
                options(norm, mode))) {
      layer.run(layer.codebook.assign(layer.tf, layer.tf.constant(floats(codes))));
      int[] places = {0, 2, 3};
      double[] expected = clean.value(shape, batch, clean.vq.indices());
      assertArrayEquals(
          Arrays.stream(expected).map(k -> places[(int) k]).toArray(),
          layer.value(shape, batch, layer.vq.indices()));
      assertArrayEquals(
          clean.value(shape, batch, clean.vq.losses().alpha()),
          layer.value(shape, batch, layer.vq.losses().alpha()),
          1e-6);
      double[] spacing = layer.value(layer.vq.embClosestSpacing());
      double[] cleanSpacing = clean.value(clean.vq.embClosestSpacing());
      assertTrue(Double.isNaN(spacing[1]) && Double.isNaN(spacing[4]));
      assertArrayEquals(new double[] {NAN}, layer.value(shape, batch, layer.vq.losses().beta()));
      assertArrayEquals(new double[] {NAN}, layer.value(layer.vq.losses().coulomb()));
      Operand<?> gradient =
          layer.tf.gradients(layer.vq.losses().total(), List.of(layer.codebook.variable())).dy(0);
      Operand<?> cleanGradient =
          clean.tf.gradients(clean.vq.losses().total(), List.of(clean.codebook.variable())).dy(0);
      double[] actual = layer.value(shape, batch, gradient);
      double[] wanted = clean.value(shape, batch, cleanGradient);
      for (int k = 0; k < 3; k++) {
        assertEquals(cleanSpacing[k], spacing[places[k]], 1e-6);
        for (int d = 0; d < 2; d++) {
          assertEquals(wanted[2 * k + d], actual[2 * places[k] + d], 1e-5);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void theCosineLayersTreatItAlike(SearchMode mode) {
    double[] batch = {0.9, 0.1, NAN, 1, 0.1, 2, 1, INFINITE};
    try (var layer =
        LayerFixture.floats(ANY, 4, 2, CodebookInitializer.constant(CODES), VqOptions.defaults())) {
      layer.run(
          layer.codebook.assign(
              layer.tf, layer.tf.constant(floats(new double[] {NAN, 0, 1, 0, 0, 1, 3, 3}))));
      CosineVqOptions options = CosineVqOptions.defaults().withMode(mode);
      var vq =
          CosineVectorQuantization.cosineVectorQuantization(
              layer.tf, layer.x, layer.codebook, options);
      var labels = layer.tf.constant(new int[] {1, 0, 1, 0});
      var knn =
          CosineKnnVectorQuantization.cosineKnnVectorQuantization(
              layer.tf,
              layer.x,
              layer.codebook,
              labels,
              2,
              CosineKnnOptions.ofNeighbours(3).withLookUp(options));
      double[][] values =
          layer.run(
              Shape.of(4, 2),
              batch,
              List.of(),
              vq.indices(),
              vq.accessCount(),
              vq.layerOut(),
              vq.similarityValues(),
              knn.indices(),
              knn.accessCount(),
              knn.layerOut());
      assertArrayEquals(new double[] {1, 1, 2, 1}, values[0]);
      assertArrayEquals(new double[] {0, 1, 1, 0}, values[1]);
      assertArrayEquals(new double[] {1, 0, NAN, NAN, 0, 1, NAN, NAN}, values[2]);
      assertTrue(Double.isNaN(values[3][1]) && Double.isNaN(values[3][3]));
      assertEquals(1, values[4][1]);
      assertEquals(2, Arrays.stream(values[5]).sum());
      assertArrayEquals(
          new double[] {NAN, NAN, NAN, NAN},
          new double[] {values[6][2], values[6][3], values[6][6], values[6][7]});
      assertEquals(0, values[5][0], "a code that is not finite has no vote");
    }
  }

  /** Principal components of a batch are those of its finite pieces. */
  @ParameterizedTest
  @EnumSource(PcaReduction.Axes.class)
  void reducedLookUpsAreNotSpoiledEither(PcaReduction.Axes axes) {
    double[] batch = LayerFixture.random(1, 90);
    double[] spoilt = batch.clone();
    spoilt[44] = NAN;
    double[] codes = LayerFixture.random(2, 24);
    VqOptions options = VqOptions.defaults().withReduction(new PcaReduction(axes, 2));
    try (var layer =
        LayerFixture.floats(Shape.of(-1, 3), 8, 3, CodebookInitializer.constant(codes), options)) {
      double[] cut = new double[87];
      System.arraycopy(batch, 0, cut, 0, 42);
      System.arraycopy(batch, 45, cut, 42, 45);
      double[] expected = layer.value(Shape.of(29, 3), cut, layer.vq.indices());
      double[] actual = layer.value(Shape.of(30, 3), spoilt, layer.vq.indices());
      for (int n = 0; n < 29; n++) {
        assertEquals(expected[n], actual[n < 14 ? n : n + 1]);
      }
      codes[4] = NAN;
      layer.run(
          layer.codebook.assign(
              layer.tf,
              layer.tf.reshape(
                  layer.tf.constant(floatsFlat(codes)), layer.tf.constant(new int[] {8, 3}))));
      double[] left = layer.value(Shape.of(30, 3), batch, layer.vq.indices());
      assertTrue(Arrays.stream(left).allMatch(k -> k != 1));
      assertTrue(Arrays.stream(left).distinct().count() > 2);
    }
  }

  static Stream<Arguments> starts() {
    return Stream.of(
        Arguments.of(CodebookInitializer.fromBatch(), 5),
        Arguments.of(CodebookInitializer.fromBatchWithJitter(0.01, 3), 20),
        Arguments.of(CodebookInitializer.kMeansPlusPlus(3), 5));
  }

  /** To the bit what the batch without these pieces gives. */
  @ParameterizedTest
  @MethodSource("starts")
  void aStartLeavesOutWhatIsNotFinite(CodebookInitializer initializer, int size) {
    double[] batch = LayerFixture.random(4, 20);
    double[] spoilt = new double[26];
    spoilt[0] = NAN;
    System.arraycopy(batch, 0, spoilt, 2, 8);
    spoilt[11] = INFINITE;
    spoilt[12] = -INFINITE;
    System.arraycopy(batch, 8, spoilt, 14, 12);
    double[] expected = started(initializer, size, batch);
    assertTrue(Arrays.stream(expected).allMatch(Double::isFinite));
    assertArrayEquals(expected, started(initializer, size, spoilt));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void aStartThatHasTooFewFinitePiecesSaysSo(CodebookInitializer initializer, int size) {
    double[] spoilt = new double[2 * size];
    Arrays.fill(spoilt, NAN);
    var thrown = assertThrows(RuntimeException.class, () -> started(initializer, size, spoilt));
    int least = initializer.toString().contains("Jitter") ? 1 : size;
    String expected =
        "[x must have at least "
            + least
            + " finite pieces to set the codebook from, got] [0] [of] ["
            + size
            + "]";
    assertTrue(String.valueOf(thrown.getMessage()).contains(expected), thrown.getMessage());
  }

  @ParameterizedTest
  @MethodSource("starts")
  void aStartWithLargeNumbersIsFiniteAndOfTheBatch(CodebookInitializer initializer, int size) {
    double[] batch = LayerFixture.random(4, 20);
    double[] large = Arrays.stream(batch).map(v -> (float) (v * 1e30)).toArray();
    double[] codes = started(initializer, size, large);
    for (int k = 0; k < codes.length; k += 2) {
      int number = k;
      assertTrue(Double.isFinite(codes[k]) && Double.isFinite(codes[k + 1]));
      assertTrue(
          Stream.iterate(0, n -> n + 2)
              .limit(10)
              .anyMatch(
                  n ->
                      Math.hypot(large[n] - codes[number], large[n + 1] - codes[number + 1])
                          < 2e29),
          "code " + k / 2);
    }
    assertEquals(
        codes.length / 2,
        Stream.iterate(0, n -> n + 2)
            .limit(codes.length / 2)
            .map(n -> codes[n])
            .distinct()
            .count());
  }

  @Test
  void anEmptyBatchHasNoIndicesAndLossesOfZero() {
    try (var layer =
        LayerFixture.floats(
            ANY, 4, 2, CodebookInitializer.constant(CODES), options(Norm.L2, SearchMode.FAST))) {
      double[][] values =
          layer.run(
              Shape.of(0, 2),
              new double[0],
              List.of(),
              layer.vq.indices(),
              layer.vq.losses().alpha(),
              layer.vq.losses().beta());
      assertArrayEquals(new double[0], values[0]);
      assertArrayEquals(new double[] {0}, values[1]);
      assertArrayEquals(new double[] {0}, values[2]);
    }
  }

  private static double[] started(CodebookInitializer initializer, int size, double[] batch) {
    try (var layer = LayerFixture.floats(ANY, size, 2, initializer, VqOptions.defaults())) {
      layer.run(
          Shape.of(batch.length / 2, 2),
          batch,
          List.of(layer.vq.embSpaceBatchInit().orElseThrow()));
      return layer.codes();
    }
  }

  private static float[][] floats(double[] values) {
    float[][] matrix = new float[values.length / 2][2];
    for (int i = 0; i < values.length; i++) {
      matrix[i / 2][i % 2] = (float) values[i];
    }
    return matrix;
  }

  private static float[] floatsFlat(double[] values) {
    float[] flat = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      flat[i] = (float) values[i];
    }
    return flat;
  }
}
