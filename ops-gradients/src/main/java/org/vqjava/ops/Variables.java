/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** Reads of variables. */
public final class Variables {
  private Variables() {}

  /**
   * The value of a variable in a buffer of its own, with a gradient to the variable.
   *
   * <p>The buffer of a plain read, {@code tf.identity(variable)}, is the variable's: whatever is
   * computed from it after an update of the same run shows the updated values. What is computed
   * from a snapshot does not, once the update waits for the snapshot, as a {@linkplain
   * Training#minimize step} waits for the loss that the snapshot is part of. An update that does
   * not wait for it may show in it, even in a part of it.
   *
   * <p>Computed as {@code copy(v) + (v − sg(v))}, as TensorFlow 2.18 has no gradient for {@code
   * DeepCopy}. Cost: three passes over the variable.
   *
   * <pre>{@code
   * Operand<TFloat32> codes = Variables.snapshot(tf, variable);
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code Snapshot}
   * @param variable a variable, as {@code tf.variable} returned it
   * @param <T> float32 or float64
   * @return its value, of the same shape
   * @throws IllegalArgumentException if the variable is of another type
   */
  public static <T extends TFloating> Operand<T> snapshot(Ops tf, Operand<T> variable) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(variable, "variable");
    Check.floating("variable", variable);
    Ops scoped = Scopes.of(tf, "Snapshot");
    Operand<T> shared = scoped.identity(variable);
    return scoped.math.add(
        scoped.stopGradient(scoped.deepCopy(variable)),
        scoped.math.sub(shared, scoped.stopGradient(shared)));
  }
}
