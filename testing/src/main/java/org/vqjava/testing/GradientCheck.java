/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat64;

/**
 * Holds a gradient against central differences, {@code (f(x + h) − f(x − h)) / 2h}, in float64.
 *
 * <p>With h = 6e-6, the cube root of the rounding error, a smooth function agrees to about 1e-9. A
 * straight-through gradient is no derivative and cannot be checked so.
 */
public final class GradientCheck {
  private static final double STEP = 6e-6;

  /** A function of one tensor to a scalar. */
  @FunctionalInterface
  public interface Scalar {
    /**
     * Builds the function.
     *
     * @param tf where to build
     * @param x the argument
     * @return a scalar
     */
    Operand<TFloat64> build(Ops tf, Operand<TFloat64> x);
  }

  private GradientCheck() {}

  /**
   * The gradient as the graph computes it.
   *
   * @param function the function
   * @param shape the argument's shape
   * @param point the argument, row-major
   * @return the gradient, row-major
   */
  public static double[] gradient(Scalar function, Shape shape, double[] point) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
      Operand<TFloat64> y = scalar(function.build(tf, tf.identity(x)));
      Output<?> gradient = graph.addGradients(y.asOutput(), new Output<?>[] {x.asOutput()})[0];
      try (Session session = new Session(graph)) {
        return fetch(session, x, shape, point, gradient);
      }
    }
  }

  /**
   * Compares the graph's gradient with central differences.
   *
   * @param function the function
   * @param shape the argument's shape
   * @param point the argument, row-major; away from kinks by more than 1e-5
   * @param tolerance when two derivatives agree
   * @throws AssertionError where they disagree
   * @throws IllegalArgumentException if the function gives no scalar
   */
  public static void check(Scalar function, Shape shape, double[] point, Tolerance tolerance) {
    double[] differences = new double[point.length];
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> x = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
      Operand<TFloat64> y = scalar(function.build(tf, tf.identity(x)));
      try (Session session = new Session(graph)) {
        for (int i = 0; i < point.length; i++) {
          double[] moved = point.clone();
          moved[i] = point[i] + STEP;
          double above = fetch(session, x, shape, moved, y.asOutput())[0];
          moved[i] = point[i] - STEP;
          double below = fetch(session, x, shape, moved, y.asOutput())[0];
          differences[i] = (above - below) / (2 * STEP);
        }
      }
    }
    tolerance.check("gradient", gradient(function, shape, point), differences);
  }

  private static Operand<TFloat64> scalar(Operand<TFloat64> y) {
    if (!y.shape().isScalar()) {
      throw new IllegalArgumentException("the function must give a scalar, got " + y.shape());
    }
    return y;
  }

  private static double[] fetch(
      Session session, Placeholder<TFloat64> x, Shape shape, double[] point, Output<?> output) {
    try (TFloat64 value = TFloat64.tensorOf(shape, DataBuffers.of(point));
        Result result = session.runner().feed(x, value).fetch(output).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }
}
