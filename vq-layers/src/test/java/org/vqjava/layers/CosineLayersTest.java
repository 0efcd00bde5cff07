/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.Gradients;
import org.vqjava.testing.TensorValues;

/** The layers that look up by the cosine, against a computation in plain Java. */
class CosineLayersTest {
  private static final int SIZE = 10;
  private static final int WIDTH = 3;
  private static final int SPLITS = 2;
  private static final int ROWS = 14;
  private static final int CLASSES = 3;
  private static final int NEIGHBOURS = 4;
  private static final int[] LABELS = {2, 0, 1, 0, 2, 1, 1, 0, 2, 0};
  private static final double[] X = LayerFixture.random(21, ROWS * SPLITS * WIDTH);
  private static final double[] CODES = LayerFixture.random(22, SIZE * WIDTH);
  private static final double[] ARRIVING = LayerFixture.random(23, X.length);

  /** A graph with a batch of unknown size, whose gradients are of Σ layerOut · ARRIVING. */
  private static final class Built implements AutoCloseable {
    final Graph graph = new Graph();
    final Ops tf = Ops.create(graph);
    final Placeholder<TFloat64> x =
        tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, SPLITS * WIDTH)));
    final Codebook<TFloat64> codebook;

    Built(double[] codes) {
      codebook =
          Codebook.create(
              tf, "codebook", SIZE, WIDTH, TFloat64.class, CodebookInitializer.constant(codes));
    }

    double[][] run(double[] batch, Operand<?>... fetches) {
      try (Session session = new Session(graph);
          TFloat64 fed =
              TFloat64.tensorOf(
                  Shape.of(batch.length / (SPLITS * WIDTH), SPLITS * WIDTH),
                  DataBuffers.of(batch))) {
        session.initialize();
        Session.Runner runner = session.runner().feed(x, fed);
        Arrays.stream(fetches).forEach(runner::fetch);
        try (var result = runner.run()) {
          return IntStream.range(0, fetches.length)
              .mapToObj(i -> TensorValues.doubles(result.get(i)))
              .toArray(double[][]::new);
        }
      }
    }

    Operand<TFloat64> gradient(Operand<TFloat64> layerOut, Operand<TFloat64> to) {
      Operand<TFloat64> flat = tf.reshape(layerOut, tf.constant(new int[] {-1}));
      Operand<TFloat64> sum = tf.sum(tf.math.mul(flat, tf.constant(ARRIVING)), tf.constant(0));
      return Gradients.of(graph, sum, to);
    }

    @Override
    public void close() {
      graph.close();
    }
  }

  private static double cosine(int piece, int code) {
    double dot = 0;
    double xx = 0;
    double ee = 0;
    for (int d = 0; d < WIDTH; d++) {
      double a = X[piece * WIDTH + d];
      double b = CODES[code * WIDTH + d];
      dot += a * b;
      xx += a * a;
      ee += b * b;
    }
    return dot / Math.sqrt(xx * ee);
  }

  private static int[] ranked(int piece) {
    return IntStream.range(0, SIZE)
        .boxed()
        .sorted((a, b) -> Double.compare(cosine(piece, b), cosine(piece, a)))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void eachPieceBecomesTheMostSimilarCode(SearchMode mode) {
    try (Built built = new Built(CODES)) {
      var vq =
          CosineVectorQuantization.cosineVectorQuantization(
              built.tf,
              built.x,
              built.codebook,
              CosineVqOptions.defaults().withSplits(SPLITS).withMode(mode));
      assertEquals("[-1, 6]", vq.layerOut().shape().toString());
      assertEquals("[-1, 2]", vq.indices().shape().toString());
      assertEquals("[-1, 2]", vq.similarityValues().shape().toString());
      double[][] out =
          built.run(
              X,
              vq.layerOut(),
              vq.indices(),
              vq.similarityValues(),
              vq.accessCount(),
              vq.percentageIdentityMapped());
      double[] counts = new double[SIZE];
      for (int n = 0; n < ROWS * SPLITS; n++) {
        int expected = ranked(n)[0];
        assertEquals(expected, out[1][n]);
        assertEquals(cosine(n, expected), out[2][n], 1e-12);
        counts[expected]++;
        for (int d = 0; d < WIDTH; d++) {
          assertEquals(CODES[expected * WIDTH + d], out[0][n * WIDTH + d]);
        }
      }
      assertArrayEquals(counts, out[3]);
      assertArrayEquals(new double[] {0}, out[4]);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theInputGetsTheGradientWithStraightThroughTheChosenCodesAlways(boolean straightThrough) {
    try (Built built = new Built(CODES)) {
      var vq =
          CosineVectorQuantization.cosineVectorQuantization(
              built.tf,
              built.x,
              built.codebook,
              CosineVqOptions.defaults().withSplits(SPLITS).withStraightThrough(straightThrough));
      double[][] out =
          built.run(
              X,
              built.gradient(vq.layerOut(), built.x),
              built.gradient(vq.layerOut(), built.codebook.variable()));
      assertArrayEquals(straightThrough ? ARRIVING : new double[X.length], out[0]);
      double[] expected = new double[CODES.length];
      for (int n = 0; n < ROWS * SPLITS; n++) {
        for (int d = 0; d < WIDTH; d++) {
          expected[ranked(n)[0] * WIDTH + d] += ARRIVING[n * WIDTH + d];
        }
      }
      assertArrayEquals(expected, out[1], 1e-12);
    }
  }

  @Test
  void zeroVectorsAndZeroCodesHaveFiniteGradients() {
    double[] codes = CODES.clone();
    Arrays.fill(codes, 0, 2 * WIDTH, 0);
    double[] batch = X.clone();
    Arrays.fill(batch, 0, 3 * WIDTH, 0);
    try (Built built = new Built(codes)) {
      var cosine =
          CosineVectorQuantization.cosineVectorQuantization(
              built.tf, built.x, built.codebook, CosineVqOptions.defaults().withSplits(SPLITS));
      var knn = knn(built, CosineKnnOptions.ofNeighbours(NEIGHBOURS));
      double[][] out =
          built.run(
              batch,
              cosine.similarityValues(),
              built.gradient(cosine.layerOut(), built.x),
              built.gradient(cosine.layerOut(), built.codebook.variable()),
              built.gradient(knn.layerOut(), built.x),
              built.gradient(knn.layerOut(), built.codebook.variable()));
      assertEquals(0, out[0][0]);
      for (double[] values : out) {
        assertTrue(Arrays.stream(values).allMatch(Double::isFinite));
      }
    }
  }

  static Stream<CosineKnnOptions> votes() {
    return Stream.of(CosineKnnOptions.Projection.values())
        .flatMap(
            projection -> {
              CosineKnnOptions plain =
                  CosineKnnOptions.ofNeighbours(NEIGHBOURS).withProjection(projection);
              return Stream.of(
                  plain, plain.withMajorityThreshold(0.5), plain.withMajorityThreshold(0.75));
            });
  }

  @ParameterizedTest
  @MethodSource("votes")
  void neighboursVoteWithSplitsAndThresholdTogether(CosineKnnOptions options) {
    try (Built built = new Built(CODES)) {
      var vq = knn(built, options);
      double[][] out =
          built.run(
              X,
              vq.layerOut(),
              vq.indices(),
              vq.mostCommonLabel(),
              vq.similarityValues(),
              vq.identityMappingMask(),
              vq.percentageIdentityMapped(),
              vq.accessCount(),
              built.gradient(vq.layerOut(), built.x),
              built.gradient(vq.layerOut(), built.codebook.variable()));
      double[] counts = new double[SIZE];
      double[] codeGradient = new double[CODES.length];
      double passed = 0;
      for (int n = 0; n < ROWS * SPLITS; n++) {
        int[] ranked = ranked(n);
        int[] votes = new int[CLASSES];
        IntStream.range(0, NEIGHBOURS).forEach(j -> votes[LABELS[ranked[j]]]++);
        int winner =
            votes[0] >= votes[1] && votes[0] >= votes[2] ? 0 : votes[1] >= votes[2] ? 1 : 2;
        int code =
            options.projection() == CosineKnnOptions.Projection.FIRST
                ? IntStream.range(0, SIZE).filter(k -> LABELS[k] == winner).findFirst().orElse(-1)
                : Arrays.stream(ranked).filter(k -> LABELS[k] == winner).findFirst().orElse(-1);
        boolean passes = votes[winner] < options.majorityThreshold().orElse(0) * NEIGHBOURS;
        assertEquals(winner, out[2][n]);
        assertEquals(code, out[1][n]);
        assertEquals(cosine(n, ranked[0]), out[3][n], 1e-12);
        assertEquals(passes ? 1 : 0, out[4][n]);
        passed += passes ? 1 : 0;
        counts[code] += passes ? 0 : 1;
        for (int d = 0; d < WIDTH; d++) {
          int i = n * WIDTH + d;
          assertEquals(passes ? X[i] : CODES[code * WIDTH + d], out[0][i]);
          codeGradient[code * WIDTH + d] += passes ? 0 : ARRIVING[i];
        }
      }
      assertEquals(passed / (ROWS * SPLITS), out[5][0], 1e-12);
      assertArrayEquals(counts, out[6]);
      assertArrayEquals(ARRIVING, out[7]);
      assertArrayEquals(codeGradient, out[8], 1e-12);
      assertTrue(options.majorityThreshold().orElse(0) < 0.7 || passed > 0, "some must pass");
    }
  }

  private static CosineKnnEndpoints<TFloat64> knn(Built built, CosineKnnOptions options) {
    return CosineKnnVectorQuantization.cosineKnnVectorQuantization(
        built.tf,
        built.x,
        built.codebook,
        built.tf.constant(LABELS),
        CLASSES,
        options.withLookUp(options.lookUp().withSplits(SPLITS)));
  }

  @Test
  void anEmptyBatchGivesEmptyOutputs() {
    try (Built built = new Built(CODES)) {
      var vq = knn(built, CosineKnnOptions.ofNeighbours(2).withMajorityThreshold(0.9));
      double[][] out =
          built.run(
              new double[0],
              vq.layerOut(),
              vq.mostCommonLabel(),
              vq.similarityValues(),
              vq.percentageIdentityMapped());
      assertEquals(0, out[0].length);
      assertEquals(0, out[1].length);
      assertEquals(0, out[2].length);
      assertArrayEquals(new double[] {0}, out[3]);
    }
  }

  @Test
  void aCodebookIsSetFromABatch() {
    try (var layer =
        LayerFixture.floats(
            Shape.of(-1, 2), 2, 2, CodebookInitializer.fromBatch(), VqOptions.defaults())) {
      var vq =
          CosineVectorQuantization.cosineVectorQuantization(
              layer.tf, layer.x, layer.codebook, CosineVqOptions.defaults());
      double[] batch = {1, 2, 3, 4, 5, 6};
      layer.run(Shape.of(3, 2), batch, List.of(vq.embSpaceBatchInit().orElseThrow()));
      assertArrayEquals(new double[] {1, 2, 3, 4}, layer.codes());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    refused("splits must be at least 1, got 0", () -> CosineVqOptions.defaults().withSplits(0));
    refused("neighbours must be at least 1, got 0", () -> CosineKnnOptions.ofNeighbours(0));
    refused(
        "majorityThreshold must be from 0 to 1, got 1.5",
        () -> CosineKnnOptions.ofNeighbours(1).withMajorityThreshold(1.5));
    refused(
        "majorityThreshold must be from 0 to 1, got NaN",
        () -> CosineKnnOptions.ofNeighbours(1).withMajorityThreshold(Double.NaN));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[4][3]);
      var codebook = Codebook.create(tf, "codebook", 5, 3, CodebookInitializer.normal(1, 1));
      Operand<TInt32> labels = tf.constant(new int[5]);
      refused(
          "neighbours must be at most the codebook's size 5, got 6",
          () ->
              CosineKnnVectorQuantization.cosineKnnVectorQuantization(
                  tf, x, codebook, labels, 2, CosineKnnOptions.ofNeighbours(6)));
      refused(
          "classes must be at least 1, got 0",
          () ->
              CosineKnnVectorQuantization.cosineKnnVectorQuantization(
                  tf, x, codebook, labels, 0, CosineKnnOptions.ofNeighbours(1)));
      refused(
          "embLabels must have shape [5], got [4]",
          () ->
              CosineKnnVectorQuantization.cosineKnnVectorQuantization(
                  tf, x, codebook, tf.constant(new int[4]), 2, CosineKnnOptions.ofNeighbours(1)));
      refused(
          "components must be at most the width of the codebook 3, got 4",
          () ->
              CosineVectorQuantization.cosineVectorQuantization(
                  tf,
                  x,
                  codebook,
                  CosineVqOptions.defaults().withReduction(PcaReduction.ofBatch(4))));
      refused(
          "x must have last size 6 (2 splits of width 3), got shape [4, 3]",
          () ->
              CosineVectorQuantization.cosineVectorQuantization(
                  tf, x, codebook, CosineVqOptions.defaults().withSplits(2)));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
