/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Vectors that are far from each other, to start k-means from. */
public final class SpreadVectors {
  private SpreadVectors() {}

  /**
   * Draws some of the vectors by k-means++: each with a probability that grows with the squared
   * distance from those drawn before, the best one of several candidates.
   *
   * <p>Numbers whose squares float32 does not hold are scaled first, so that any finite ones will
   * do. No gradient. Cost: O(N·K·D·log K). Vectors of float64 are compared, and given back, in
   * float32's precision.
   *
   * @param tf builds the ops, under its name if it has one, else {@code SpreadVectors}
   * @param vectors {@code [N, D]}, finite, at least K of them when it is run
   * @param count K, how many are drawn
   * @param seed chooses
   * @param <T> float32 or float64
   * @return {@code [K, D]}
   * @throws IllegalArgumentException if {@code vectors} is no matrix of known width
   * @see <a href="https://dl.acm.org/doi/10.5555/1283383.1283494">Arthur, Vassilvitskii, 2007</a>
   */
  public static <T extends TFloating> Operand<T> of(
      Ops tf, Operand<T> vectors, int count, long seed) {
    Objects.requireNonNull(tf, "tf");
    int width = Math.toIntExact(Check.matrix("vectors", vectors, "[N, D]").get(1));
    Ops scoped = Scopes.of(tf, "SpreadVectors");
    Operand<T> fixed = scoped.stopGradient(vectors);
    Operand<T> scale = Floats.scaleIntoRange(scoped, fixed);
    Operand<T> drawn =
        scoped.dtypes.cast(
            scoped.cluster.kmeansPlusPlusInitialization(
                scoped.dtypes.cast(scoped.math.mul(fixed, scale), TFloat32.class),
                scoped.constant((long) count),
                scoped.constant(seed),
                scoped.constant(-1L)),
            vectors.type());
    return scoped.reshape(scoped.math.div(drawn, scale), scoped.constant(new int[] {count, width}));
  }
}
