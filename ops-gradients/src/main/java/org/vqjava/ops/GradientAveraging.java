/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Arrays;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Codes whose gradient is the mean over their members instead of the sum. */
public final class GradientAveraging {
  private GradientAveraging() {}

  /**
   * {@code codes} forwards; backwards the gradient of code k is divided by how often {@code
   * indices} holds k. Gather from the result, and each code gets the mean of its members'
   * gradients; a code without members gets 0.
   *
   * <p>Computed as {@code sg(c) − (sg(c·s) − c·s)} with {@code s = 1 / members}: the bits of finite
   * codes are unchanged. Cost: O(N + K·D).
   *
   * @param tf builds the ops, under its name if it has one, else {@code GradientAveraging}
   * @param codes codes or centroids, {@code [K, ..]}
   * @param indices which code each member takes, any shape, in {@code [0, K)}
   * @param <T> float32 or float64
   * @return the codes, {@code [K, ..]}
   * @throws IllegalArgumentException if the codes have no known number of rows
   */
  public static <T extends TFloating> Operand<T> byMembers(
      Ops tf, Operand<T> codes, Operand<TInt32> indices) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(indices, "indices");
    Check.floating("codes", codes);
    Shape shape = codes.shape();
    if (shape.isUnknown() || shape.numDimensions() < 1 || shape.get(0) == Shape.UNKNOWN_SIZE) {
      throw new IllegalArgumentException(
          "codes must have a known number of rows, got shape " + shape);
    }
    Ops scoped = Scopes.of(tf, "GradientAveraging");
    Operand<T> members =
        scoped.dtypes.cast(
            AccessCount.of(scoped, indices, Math.toIntExact(shape.get(0))), codes.type());
    long[] column = new long[shape.numDimensions()];
    Arrays.fill(column, 1);
    column[0] = shape.get(0);
    Operand<T> share =
        scoped.reshape(
            scoped.math.divNoNan(Floats.constant(scoped, codes.type(), 1), members),
            scoped.constant(column));
    Operand<T> scaled = scoped.math.mul(codes, share);
    return scoped.math.sub(
        scoped.stopGradient(codes), scoped.math.sub(scoped.stopGradient(scaled), scaled));
  }
}
