/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/** What holds for every codebook and every input, whatever the values. */
class VectorQuantizationPropertiesTest {
  private static final int SIZE = 9;
  private static final int WIDTH = 3;
  private static final int SPLITS = 2;
  private static final int ROWS = 20;
  private static final Shape SHAPE = Shape.of(ROWS, SPLITS * WIDTH);
  private static final double[] X = LayerFixture.random(1, ROWS * SPLITS * WIDTH);
  private static final double[] CODES = LayerFixture.random(2, SIZE * WIDTH);

  static Stream<Arguments> lookUps() {
    return Arrays.stream(Norm.values())
        .flatMap(n -> Arrays.stream(SearchMode.values()).map(m -> Arguments.of(n, m)));
  }

  @ParameterizedTest
  @MethodSource("lookUps")
  void noCodeIsNearerThanTheChosenOne(Norm norm, SearchMode mode) {
    try (var layer = layer(options(norm, mode))) {
      double[][] out = layer.run(SHAPE, X, List.of(), layer.vq.distance(), layer.vq.indices());
      for (int n = 0; n < ROWS * SPLITS; n++) {
        double[] distances = Arrays.copyOfRange(out[0], n * SIZE, (n + 1) * SIZE);
        double least = Arrays.stream(distances).min().orElseThrow();
        assertEquals(least, distances[(int) out[1][n]], 1e-6 * (1 + least));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lookUps")
  void quantizingWhatIsQuantizedChangesNoBit(Norm norm, SearchMode mode) {
    try (var layer = layer(options(norm, mode))) {
      double[] once = layer.value(SHAPE, X, layer.vq.layerOut());
      assertArrayEquals(once, layer.value(SHAPE, once, layer.vq.layerOut()));
    }
  }

  @ParameterizedTest
  @MethodSource("lookUps")
  void decodedIndicesHaveTheBitsOfTheLayersOutput(Norm norm, SearchMode mode) {
    try (var layer = layer(options(norm, mode))) {
      var decoded =
          VectorQuantization.decode(layer.tf, layer.vq.indices(), layer.codebook, layer.options);
      double[][] out = layer.run(SHAPE, X, List.of(), layer.vq.layerOut(), decoded);
      assertArrayEquals(out[0], out[1]);
      assertEquals("[-1, 6]", decoded.shape().toString());
    }
  }

  @Test
  void inputsFarFromTheirCodesStillGiveTheCodesBits() {
    try (var layer = layer(VqOptions.defaults().withSplits(SPLITS))) {
      double[] far = Arrays.stream(X).map(v -> (float) (v * 1e6)).toArray();
      double[][] out = layer.run(SHAPE, far, List.of(), layer.vq.layerOut(), layer.vq.indices());
      for (int i = 0; i < out[0].length; i++) {
        int code = (int) out[1][i / WIDTH];
        assertEquals(CODES[code * WIDTH + i % WIDTH], out[0][i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void anotherOrderOfTheBatchGivesTheSameInThatOrder(Norm norm) {
    try (var layer = layer(options(norm, SearchMode.EXACT))) {
      int row = SPLITS * WIDTH;
      double[] turned = new double[X.length];
      for (int n = 0; n < ROWS; n++) {
        System.arraycopy(X, n * row, turned, (ROWS - 1 - n) * row, row);
      }
      double[][] straight =
          layer.run(SHAPE, X, List.of(), layer.vq.indices(), layer.vq.accessCount());
      double[][] reversed =
          layer.run(SHAPE, turned, List.of(), layer.vq.indices(), layer.vq.accessCount());
      for (int n = 0; n < ROWS; n++) {
        for (int s = 0; s < SPLITS; s++) {
          assertEquals(straight[0][n * SPLITS + s], reversed[0][(ROWS - 1 - n) * SPLITS + s]);
        }
      }
      assertArrayEquals(straight[1], reversed[1]);
    }
  }

  @Test
  void accessCountsAreThoseOfTheIndices() {
    try (var layer = layer(VqOptions.defaults().withSplits(SPLITS))) {
      double[][] out = layer.run(SHAPE, X, List.of(), layer.vq.indices(), layer.vq.accessCount());
      for (int k = 0; k < SIZE; k++) {
        int code = k;
        assertEquals((double) Arrays.stream(out[0]).filter(i -> i == code).count(), out[1][k]);
      }
    }
  }

  @Test
  void inferenceLeavesEveryVariableAsItWas() {
    try (var layer = layer(VqOptions.defaults().withSplits(SPLITS).withReplaced(4))) {
      CodeReplacement<TFloat32> state = layer.vq.replacement().orElseThrow();
      double[] codesBefore = layer.codes();
      for (int i = 0; i < 3; i++) {
        layer.run(
            SHAPE,
            X,
            List.of(),
            layer.vq.layerOut(),
            layer.vq.indices(),
            layer.vq.accessCount(),
            layer.vq.distance(),
            layer.vq.embSpacing(),
            layer.vq.losses().total());
      }
      assertArrayEquals(codesBefore, layer.codes());
      assertArrayEquals(new double[SIZE], layer.value(state.accumulatedUsageCount()));
      assertArrayEquals(new double[4 * WIDTH], layer.value(state.distantInputs()));
      assertArrayEquals(new double[4], layer.value(state.inputDistances()));
    }
  }

  @Test
  void spacingsAreThoseOfThePairsOfCodes() {
    try (var layer = layer(VqOptions.defaults().withSplits(SPLITS))) {
      double[] spacing = layer.value(layer.vq.embSpacing());
      double[] closest = layer.value(layer.vq.embClosestSpacing());
      assertEquals(SIZE * (SIZE - 1) / 2, spacing.length);
      int pair = 0;
      double[] least = new double[SIZE];
      Arrays.fill(least, Double.POSITIVE_INFINITY);
      for (int i = 0; i < SIZE; i++) {
        for (int j = i + 1; j < SIZE; j++, pair++) {
          double distance = distance(i, j);
          assertEquals(distance, spacing[pair], 1e-6);
          least[i] = Math.min(least[i], distance);
          least[j] = Math.min(least[j], distance);
        }
      }
      assertArrayEquals(least, closest, 1e-6);
    }
  }

  private static double distance(int i, int j) {
    return Math.sqrt(
        IntStream.range(0, WIDTH)
            .mapToDouble(d -> Math.pow(CODES[i * WIDTH + d] - CODES[j * WIDTH + d], 2))
            .sum());
  }

  @Test
  void notANumberGetsACodeAndReachesNoOtherRow() {
    try (var layer = layer(VqOptions.defaults().withSplits(SPLITS))) {
      double[] broken = X.clone();
      broken[0] = Double.NaN;
      double[] indices = layer.value(SHAPE, broken, layer.vq.indices());
      double[] whole = layer.value(SHAPE, X, layer.vq.indices());
      assertTrue(indices[0] >= 0 && indices[0] < SIZE);
      assertArrayEquals(
          Arrays.copyOfRange(whole, 1, whole.length),
          Arrays.copyOfRange(indices, 1, indices.length));
    }
  }

  private static VqOptions options(Norm norm, SearchMode mode) {
    return VqOptions.defaults().withSplits(SPLITS).withNorm(norm).withMode(mode);
  }

  private static LayerFixture<TFloat32> layer(VqOptions options) {
    return LayerFixture.floats(
        Shape.of(-1, SPLITS * WIDTH), SIZE, WIDTH, CodebookInitializer.constant(CODES), options);
  }
}
