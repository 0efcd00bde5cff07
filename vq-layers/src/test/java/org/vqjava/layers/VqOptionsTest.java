/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/** The defaults of the original, and what is refused. */
class VqOptionsTest {
  @Test
  void defaultsAreTheOriginals() {
    VqOptions defaults = VqOptions.defaults();
    assertEquals(new LossWeight.Constant(0.1), defaults.alpha());
    assertEquals(new LossWeight.Constant(1e-4), defaults.beta());
    assertEquals(new LossWeight.Constant(1e-6), defaults.gamma());
    assertEquals(new LossWeight.Constant(0), defaults.commitment());
    assertEquals(Norm.L2, defaults.norm());
    assertEquals(1, defaults.splits());
    assertEquals(0, defaults.replaced());
    assertEquals(ReplacementPolicy.COLLECTED_INPUTS, defaults.replacementPolicy());
  }

  @Test
  void eachChangeLeavesTheRest() {
    VqOptions changed =
        VqOptions.defaults()
            .withAlpha(1)
            .withBeta(2)
            .withGamma(3)
            .withCommitment(4)
            .withNorm(Norm.L1)
            .withMode(SearchMode.EXACT)
            .withSplits(5)
            .withReplaced(6)
            .withReplacementPolicy(ReplacementPolicy.UNUSED_CODES)
            .withReduction(PcaReduction.ofBatch(7));
    assertEquals(
        new VqOptions(
            new LossWeight.Constant(1),
            new LossWeight.Constant(2),
            new LossWeight.Constant(3),
            new LossWeight.Constant(4),
            Norm.L1,
            SearchMode.EXACT,
            5,
            6,
            ReplacementPolicy.UNUSED_CODES,
            Optional.of(PcaReduction.ofBatch(7))),
        changed);
  }

  @Test
  void onlyTheNumberZeroTurnsALossOff() {
    try (Graph graph = new Graph()) {
      Operand<TFloat32> zero = Ops.create(graph).constant(0f);
      assertTrue(new LossWeight.Constant(0).isOff());
      assertFalse(new LossWeight.Constant(1e-30).isOff());
      assertFalse(new LossWeight.Tensor(zero).isOff(), "it may be fed another value");
    }
  }

  @Test
  void refusesNumbersOutOfRange() {
    VqOptions defaults = VqOptions.defaults();
    refused("weight must be finite, got NaN", () -> defaults.withAlpha(Double.NaN));
    refused(
        "weight must be finite, got Infinity", () -> defaults.withBeta(Double.POSITIVE_INFINITY));
    refused("splits must be at least 1, got 0", () -> defaults.withSplits(0));
    refused("replaced must be at least 0, got -1", () -> defaults.withReplaced(-1));
  }

  @Test
  void refusesWeightsThatAreNoScalars() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      refused(
          "weight must be a scalar, got shape [2]",
          () -> VqOptions.defaults().withAlpha(tf.constant(new float[2])));
      refused(
          "weight must be float32 or float64, got TBfloat16",
          () ->
              VqOptions.defaults()
                  .withCommitment(tf.dtypes.cast(tf.constant(1f), TBfloat16.class)));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
