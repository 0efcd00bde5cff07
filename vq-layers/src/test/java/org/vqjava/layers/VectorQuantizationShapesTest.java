/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.ops.Norm;
import org.vqjava.testing.Gradients;

/** Which shapes and types the layer takes and gives, and which it refuses. */
class VectorQuantizationShapesTest {
  private static final CodebookInitializer NORMAL = CodebookInitializer.normal(1, 5);

  @ParameterizedTest
  @CsvSource({
    "'-1 8',      1, 8, '[-1]',           '[-1, 5]'",
    "'7 8',       2, 4, '[7, 2]',         '[7, 2, 5]'",
    "'-1 3 8',    1, 8, '[-1, 3]',        '[-1, 3, 5]'",
    "'-1 -1 8',   2, 4, '[-1, -1, 2]',    '[-1, -1, 2, 5]'",
    "'2 3 4 8',   4, 2, '[2, 3, 4, 4]',   '[2, 3, 4, 4, 5]'",
    "'-1 1 2 3 8',1, 8, '[-1, 1, 2, 3]',  '[-1, 1, 2, 3, 5]'"
  })
  void anyRankFromTwoOn(String sizes, int splits, int width, String indices, String distance) {
    Shape shape = Shape.of(Arrays.stream(sizes.split(" ")).mapToLong(Long::parseLong).toArray());
    VqOptions options = VqOptions.defaults().withSplits(splits);
    try (var layer = LayerFixture.floats(shape, 5, width, NORMAL, options)) {
      assertEquals(shape.toString(), layer.vq.layerOut().shape().toString());
      assertEquals(indices, layer.vq.indices().shape().toString());
      assertEquals(distance, layer.vq.distance().shape().toString());

      Shape fed = Shape.of(Arrays.stream(shape.asArray()).map(s -> s < 0 ? 2 : s).toArray());
      double[] x = LayerFixture.random(3, (int) fed.size());
      double[][] out = layer.run(fed, x, List.of(), layer.vq.layerOut(), layer.vq.indices());
      double[] codes = layer.codes();
      for (int i = 0; i < out[0].length; i++) {
        int code = (int) out[1][i / width];
        assertEquals(codes[code * width + i % width], out[0][i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void anEmptyBatchGivesEmptyOutputsZeroLossesAndZeroGradients(Norm norm) {
    VqOptions options =
        VqOptions.defaults().withNorm(norm).withCommitment(1).withGamma(0).withReplaced(2);
    try (var layer = LayerFixture.floats(Shape.of(-1, 3, 4), 5, 4, NORMAL, options)) {
      Shape empty = Shape.of(0, 3, 4);
      VqLosses<TFloat32> losses = layer.vq.losses();
      Operand<TFloat32> gradient =
          Gradients.of(layer.graph, losses.total(), layer.codebook.values());
      double[][] out =
          layer.run(
              empty,
              new double[0],
              List.of(layer.vq.replacement().orElseThrow().update()),
              layer.vq.layerOut(),
              layer.vq.indices(),
              layer.vq.distance(),
              layer.vq.accessCount(),
              losses.alpha(),
              losses.beta(),
              losses.commitment(),
              gradient);
      assertEquals(0, out[0].length);
      assertEquals(0, out[1].length);
      assertEquals(0, out[2].length);
      assertArrayEquals(new double[5], out[3]);
      assertArrayEquals(new double[1], out[4]);
      assertArrayEquals(new double[1], out[5]);
      assertArrayEquals(new double[1], out[6]);
      assertArrayEquals(new double[5 * 4], out[7]);
    }
  }

  @Test
  void doublesGiveWhatFloatsGiveOnlyFiner() {
    VqOptions options = VqOptions.defaults().withSplits(2).withBeta(0.5).withGamma(0.5);
    CodebookInitializer codes = CodebookInitializer.constant(LayerFixture.random(6, 12));
    Shape shape = Shape.of(10, 6);
    double[] x = LayerFixture.random(7, 60);
    try (var single = LayerFixture.floats(shape, 4, 3, codes, options);
        var twice = LayerFixture.doubles(shape, 4, 3, codes, options)) {
      assertEquals(TFloat64.class, twice.vq.layerOut().type());
      assertArrayEquals(
          single.value(shape, x, single.vq.layerOut()), twice.value(shape, x, twice.vq.layerOut()));
      assertArrayEquals(
          single.value(shape, x, single.vq.losses().total()),
          twice.value(shape, x, twice.vq.losses().total()),
          1e-5);
    }
  }

  @Test
  void refusesInputsThatDoNotFitTheCodebook() {
    refused("x must have rank at least 2, got shape [8]", TFloat32.class, Shape.of(8), 1);
    refused("x must have rank at least 2, got shape []", TFloat32.class, Shape.scalar(), 1);
    refused("x must have rank at least 2, got shape unknown", TFloat32.class, Shape.unknown(), 1);
    refused(
        "x must have last size 8 (1 split of width 8), got shape [2, 7]",
        TFloat32.class,
        Shape.of(2, 7),
        1);
    refused(
        "x must have last size 16 (2 splits of width 8), got shape [2, 8]",
        TFloat32.class,
        Shape.of(2, 8),
        2);
    refused(
        "x must have last size 8 (1 split of width 8), got shape [2, -1]",
        TFloat32.class,
        Shape.of(2, -1),
        1);
    refused(
        "x must have the type of the codebook, TFloat32, got TFloat64",
        TFloat64.class,
        Shape.of(2, 8),
        1);
    refused(
        "x must be float32 or float64, got TFloat16",
        org.tensorflow.types.TFloat16.class,
        Shape.of(2, 8),
        1);
  }

  @SuppressWarnings("unchecked") // what a caller with a raw type can do
  private static void refused(
      String message,
      Class<? extends org.tensorflow.types.family.TFloating> type,
      Shape shape,
      int splits) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = (Operand<TFloat32>) (Operand<?>) tf.placeholder(type, Placeholder.shape(shape));
      var codebook = Codebook.create(tf, "codebook", 5, 8, NORMAL);
      VqOptions options = VqOptions.defaults().withSplits(splits);
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () -> VectorQuantization.vectorQuantization(tf, x, codebook, options));
      assertEquals(message, thrown.getMessage());
    }
  }

  @Test
  void refusesToReplaceMoreCodesThanThereAre() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 8)));
      var codebook = Codebook.create(tf, "codebook", 5, 8, NORMAL);
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  VectorQuantization.vectorQuantization(
                      tf, x, codebook, VqOptions.defaults().withReplaced(6)));
      assertEquals("replaced must be at most the codebook's size 5, got 6", thrown.getMessage());
    }
  }

  @Test
  void refusesIndicesToDecodeThatAreNotOnePerSplit() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var codebook = Codebook.create(tf, "codebook", 5, 8, NORMAL);
      var indices = tf.constant(new int[][] {{0, 1, 2}});
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  VectorQuantization.decode(
                      tf, indices, codebook, VqOptions.defaults().withSplits(2)));
      assertEquals("indices must have last size 2, got shape [1, 3]", thrown.getMessage());
    }
  }

  @Test
  void anIndexOutsideTheCodebookFailsWhenItIsRun() {
    try (var layer = LayerFixture.floats(Shape.of(-1, 4), 5, 4, NORMAL, VqOptions.defaults())) {
      var decoded =
          VectorQuantization.decode(
              layer.tf, layer.tf.constant(new int[] {5}), layer.codebook, layer.options);
      assertThrows(RuntimeException.class, () -> layer.value(decoded));
    }
  }

  @Test
  void refusesAnEagerSession() {
    try (EagerSession eager = EagerSession.create()) {
      Ops tf = Ops.create(eager);
      var thrown =
          assertThrows(
              IllegalArgumentException.class, () -> Codebook.create(tf, "codebook", 5, 8, NORMAL));
      assertEquals("tf must build a graph, got an eager session", thrown.getMessage());
    }
  }
}
