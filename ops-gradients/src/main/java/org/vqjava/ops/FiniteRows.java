/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TFloating;

/** Which rows of a matrix have finite numbers alone. */
public final class FiniteRows {
  private FiniteRows() {}

  /**
   * Tells for each row whether all its numbers are finite.
   *
   * <p>No gradient. Cost: O(N·D).
   *
   * <pre>{@code
   * FiniteRows.of(tf, tf.constant(new float[][] {{1, 2}, {Float.NaN, 2}})); // [true, false]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code FiniteRows}
   * @param rows {@code [N, D]}, N may be unknown or 0
   * @param <T> float32 or float64
   * @return whether each row is finite, {@code [N]}
   * @throws IllegalArgumentException if {@code rows} is no matrix of known width
   */
  public static <T extends TFloating> Operand<TBool> of(Ops tf, Operand<T> rows) {
    Objects.requireNonNull(tf, "tf");
    Check.matrix("rows", rows, "[N, D]");
    Ops scoped = Scopes.of(tf, "FiniteRows");
    return scoped.all(scoped.math.isFinite(scoped.stopGradient(rows)), scoped.constant(1));
  }
}
