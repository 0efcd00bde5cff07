/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.Training;

/** Replacement in one dimension, where distances can be read off. */
class CodeReplacementTest {
  private static final double[] CODES = {0, 10, 20, 30};
  private static final Shape THREE = Shape.of(3, 1);

  private LayerFixture<TFloat32> layer = layer(ReplacementPolicy.COLLECTED_INPUTS);
  private CodeReplacement<TFloat32> replacement = layer.vq.replacement().orElseThrow();

  @AfterEach
  void closeLayer() {
    layer.close();
  }

  private void use(ReplacementPolicy policy) {
    layer.close();
    layer = layer(policy);
    replacement = layer.vq.replacement().orElseThrow();
  }

  private static LayerFixture<TFloat32> layer(ReplacementPolicy policy) {
    return LayerFixture.floats(
        Shape.of(-1, 1),
        CODES.length,
        1,
        CodebookInitializer.constant(CODES),
        VqOptions.defaults().withReplaced(2).withReplacementPolicy(policy));
  }

  @Test
  void theUpdateCountsAndKeepsTheFarthestInputs() {
    update(1, 13, 10);
    state(new double[] {1, 2, 0, 0}, new double[] {13, 1}, new double[] {3, 1});
    update(22, 0, 10);
    state(new double[] {2, 3, 1, 0}, new double[] {13, 22}, new double[] {3, 2});
  }

  @Test
  void amongEquallyFarInputsTheEarlierStays() {
    update(2, 10, 10);
    update(22, 12, 8);
    state(new double[] {1, 4, 1, 0}, new double[] {2, 22}, new double[] {2, 2});
  }

  @Test
  void theLeastUsedCodesBecomeTheFarthestInputs() {
    update(1, 13, 10);
    assertEquals(2, replace());
    assertArrayEquals(new double[] {0, 10, 13, 1}, layer.codes());
    state(new double[4], new double[] {13, 1}, new double[2]);
  }

  @Test
  void usedCodesAreReplacedTooWhereTheyAreTheLeastUsed() {
    update(1, 10, 20);
    update(0, 11, 30);
    update(0, 30, 20);
    assertEquals(2, replace());
    assertArrayEquals(new double[] {0, 1, 11, 30}, layer.codes());
  }

  @Test
  void onlyUnusedCodesAreReplacedIfSoWished() {
    use(ReplacementPolicy.UNUSED_CODES);
    update(1, 13, 20);
    assertEquals(1, replace());
    assertArrayEquals(new double[] {0, 10, 20, 13}, layer.codes());
    update(0, 13.5, 10);
    update(20, 20, 20);
    assertEquals(0, replace());
    assertArrayEquals(new double[] {0, 10, 20, 13}, layer.codes());
  }

  @Test
  void withoutABatchInBetweenNothingIsReplaced() {
    update(1, 13, 10);
    replace();
    double[] once = layer.codes();
    assertEquals(0, replace());
    assertArrayEquals(once, layer.codes());
  }

  @Test
  void inputsThatEqualTheirCodesReplaceNothing() {
    update(0, 10, 10);
    assertEquals(0, replace());
    assertArrayEquals(CODES, layer.codes());
  }

  @Test
  void theOriginalWritesWhateverItsSlotsHold() {
    use(ReplacementPolicy.REPLACE_ALL_SLOTS);
    assertEquals(2, replace());
    assertArrayEquals(new double[] {0, 0, 20, 30}, layer.codes());
  }

  @Test
  void aStepAndAnUpdateInOneRunBothSeeTheValuesFromBefore() {
    Op step =
        Training.minimize(
            layer.tf,
            layer.vq.losses().alpha(),
            List.of(layer.codebook.variable()),
            new GradientDescent(layer.graph, 1f),
            List.of(layer.vq.accessCount()));
    for (int i = 0; i < 100; i++) {
      double[] codes = layer.codes();
      double[] usage = layer.value(replacement.accumulatedUsageCount());
      double[][] out =
          layer.run(
              THREE,
              new double[] {1, 13 + i % 7, 10 + i},
              List.of(step, replacement.update()),
              layer.vq.embSpace(),
              replacement.accumulatedUsageCount(),
              layer.vq.accessCount());
      assertArrayEquals(codes, out[0]);
      assertArrayEquals(usage, out[1]);
      double[] after = layer.value(replacement.accumulatedUsageCount());
      for (int k = 0; k < after.length; k++) {
        assertEquals(usage[k] + out[2][k], after[k]);
      }
    }
  }

  @Test
  void twoLayersOnOneCodebookKeepTheirStateApart() {
    var second =
        VectorQuantization.vectorQuantization(
                layer.tf, layer.x, layer.codebook, VqOptions.defaults().withReplaced(1))
            .replacement()
            .orElseThrow();
    layer.session().initialize();
    layer.run(THREE, new double[] {1, 13, 10}, List.of(second.update()));
    assertArrayEquals(new double[] {13}, layer.value(second.distantInputs()));
    assertArrayEquals(new double[2], layer.value(replacement.distantInputs()));
  }

  private void update(double... batch) {
    layer.run(Shape.of(batch.length, 1), batch, List.of(replacement.update()));
  }

  private int replace() {
    var result =
        layer
            .session()
            .runner()
            .addTarget(replacement.replaceEmbeds())
            .fetch(replacement.replaceableCount())
            .run();
    try (result) {
      return ((TInt32) result.get(0)).getInt();
    }
  }

  private void state(double[] usage, double[] inputs, double[] distances) {
    assertArrayEquals(usage, layer.value(replacement.accumulatedUsageCount()));
    assertArrayEquals(inputs, layer.value(replacement.distantInputs()));
    assertArrayEquals(distances, layer.value(replacement.inputDistances()));
  }
}
