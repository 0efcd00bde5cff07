/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Gradients for tests that also ask where none arrives. */
public final class Gradients {
  private Gradients() {}

  /**
   * The gradient of a scalar, zeros where no path leads to {@code x}.
   *
   * @param graph the graph of both
   * @param y a scalar
   * @param x a finite operand
   * @param <T> float32 or float64
   * @return the gradient, in the shape of {@code x}
   */
  @SuppressWarnings("unchecked")
  public static <T extends TFloating> Operand<T> of(Graph graph, Operand<T> y, Operand<T> x) {
    Ops tf = Ops.create(graph);
    Operand<T> zero = tf.dtypes.cast(tf.constant(0.0), x.type());
    Operand<TInt32> flat = tf.constant(new int[] {-1});
    Operand<T> reached =
        tf.math.add(y, tf.math.mul(zero, tf.sum(tf.reshape(tf.identity(x), flat), tf.constant(0))));
    return (Output<T>) graph.addGradients(reached.asOutput(), new Output<?>[] {x.asOutput()})[0];
  }
}
