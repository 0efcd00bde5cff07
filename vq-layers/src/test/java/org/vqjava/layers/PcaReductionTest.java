/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat64;

/** The look-up in fewer dimensions. */
class PcaReductionTest {
  private static final int SIZE = 6;
  private static final int WIDTH = 4;
  private static final Shape UNKNOWN = Shape.of(-1, 2 * WIDTH);
  private static final Shape SHAPE = Shape.of(7, 2 * WIDTH);
  private static final double[] X = LayerFixture.random(31, (int) SHAPE.size());
  private static final double[] CODES = LayerFixture.random(32, SIZE * WIDTH);

  @ParameterizedTest
  @EnumSource(
      value = PcaReduction.Axes.class,
      names = {"BATCH", "CODEBOOK"})
  void withAllComponentsTheDistancesAreThoseWithoutReduction(PcaReduction.Axes axes) {
    try (var whole = layer(CODES, options());
        var reduced = layer(CODES, options().withReduction(new PcaReduction(axes, WIDTH)))) {
      assertArrayEquals(
          whole.value(SHAPE, X, whole.vq.distance()),
          reduced.value(SHAPE, X, reduced.vq.distance()),
          1e-12);
      assertArrayEquals(
          whole.value(SHAPE, X, whole.vq.indices()), reduced.value(SHAPE, X, reduced.vq.indices()));
      assertArrayEquals(
          whole.value(SHAPE, X, whole.vq.losses().total()),
          reduced.value(SHAPE, X, reduced.vq.losses().total()),
          1e-12);
    }
  }

  @ParameterizedTest
  @EnumSource(PcaReduction.Axes.class)
  void whatIsTakenIsTheWholeCode(PcaReduction.Axes axes) {
    try (var layer = layer(CODES, options().withReduction(new PcaReduction(axes, 2)))) {
      double[][] out = layer.run(SHAPE, X, List.of(), layer.vq.layerOut(), layer.vq.indices());
      for (int i = 0; i < out[0].length; i++) {
        assertEquals(CODES[((int) out[1][i / WIDTH]) * WIDTH + i % WIDTH], out[0][i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = PcaReduction.Axes.class,
      names = {"CODEBOOK", "CODEBOOK_UNCENTRED"})
  void componentsOfTheCodebookDoNotDependOnTheBatch(PcaReduction.Axes axes) {
    try (var layer = layer(CODES, options().withReduction(new PcaReduction(axes, 2)))) {
      double[] whole = layer.value(SHAPE, X, layer.vq.indices());
      for (int n = 0; n < 7; n++) {
        double[] row = Arrays.copyOfRange(X, n * 2 * WIDTH, (n + 1) * 2 * WIDTH);
        assertArrayEquals(
            Arrays.copyOfRange(whole, 2 * n, 2 * n + 2),
            layer.value(Shape.of(1, 2 * WIDTH), row, layer.vq.indices()));
      }
    }
  }

  @Test
  void anEmptyBatchIsReducedToo() {
    try (var layer =
        layer(CODES, options().withReplaced(2).withReduction(PcaReduction.ofBatch(2)))) {
      double[][] out =
          layer.run(
              Shape.of(0, 2 * WIDTH),
              new double[0],
              List.of(layer.vq.replacement().orElseThrow().update()),
              layer.vq.layerOut(),
              layer.vq.losses().beta());
      assertEquals(0, out[0].length);
      assertArrayEquals(new double[] {0}, out[1]);
    }
  }

  @Test
  void refusesComponentsOutOfRange() {
    assertEquals(
        "components must be at least 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> PcaReduction.ofCodebook(0))
            .getMessage());
    VqOptions five = options().withReduction(PcaReduction.ofBatch(5));
    assertEquals(
        "components must be at most the width of the codebook 4, got 5",
        assertThrows(IllegalArgumentException.class, () -> layer(CODES, five).close())
            .getMessage());
  }

  private static VqOptions options() {
    return VqOptions.defaults().withSplits(2);
  }

  private static LayerFixture<TFloat64> layer(double[] codes, VqOptions options) {
    return LayerFixture.doubles(UNKNOWN, SIZE, WIDTH, CodebookInitializer.constant(codes), options);
  }
}
