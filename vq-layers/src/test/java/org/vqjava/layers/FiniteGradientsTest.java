/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Norm;
import org.vqjava.ops.Training;
import org.vqjava.testing.Gradients;

/** Where the original's codebook becomes NaN after one step, ours must not. */
class FiniteGradientsTest {
  private static final VqOptions ALL_LOSSES =
      VqOptions.defaults().withAlpha(1).withBeta(0.1).withGamma(0.1).withCommitment(0.5);

  @ParameterizedTest
  @EnumSource(Norm.class)
  void aStepOnTheBatchThatSetTheCodebook(Norm norm) {
    Shape shape = Shape.of(6, 3);
    double[] batch = LayerFixture.random(1, 18);
    System.arraycopy(batch, 0, batch, 3, 3); // two codes will be equal as well
    try (var layer =
        LayerFixture.floats(
            Shape.of(-1, 3), 6, 3, CodebookInitializer.fromBatch(), ALL_LOSSES.withNorm(norm))) {
      layer.run(shape, batch, List.of(layer.vq.embSpaceBatchInit().orElseThrow()));
      assertArrayEquals(batch, layer.codes());
      steps(layer, shape, batch);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aCodebookOfOneOrTwoCodesUnderTheDefaults(int size) {
    Shape shape = Shape.of(5, 4);
    try (var layer =
        LayerFixture.floats(
            shape, size, 4, CodebookInitializer.normal(1, 3), VqOptions.defaults())) {
      steps(layer, shape, LayerFixture.random(2, 20));
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void aCodebookWhoseCodesAreAllEqualToEachOtherAndToTheInput(Norm norm) {
    Shape shape = Shape.of(4, 2);
    double[] same = new double[8];
    Arrays.fill(same, 0.5);
    try (var layer =
        LayerFixture.floats(
            shape,
            3,
            2,
            CodebookInitializer.constant(Arrays.copyOf(same, 6)),
            ALL_LOSSES.withNorm(norm))) {
      double[] gradient =
          layer.value(
              shape,
              same,
              Gradients.of(layer.graph, layer.vq.losses().total(), layer.codebook.variable()));
      assertArrayEquals(new double[6], gradient, "every distance is 0, and so its gradient");
      steps(layer, shape, same);
    }
  }

  private static void steps(LayerFixture<TFloat32> layer, Shape shape, double[] batch) {
    Op step =
        Training.minimize(
            layer.tf,
            layer.vq.losses().total(),
            List.of(layer.codebook.variable()),
            new GradientDescent(layer.graph, 0.1f));
    for (int i = 0; i < 3; i++) {
      double[][] out = layer.run(shape, batch, List.of(step), layer.vq.losses().total());
      assertTrue(Double.isFinite(out[0][0]), "loss at step " + i + ": " + out[0][0]);
      double[] codes = layer.codes();
      assertTrue(Arrays.stream(codes).allMatch(Double::isFinite), Arrays.toString(codes));
    }
  }
}
