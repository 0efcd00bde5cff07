/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.util.List;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/** Builds a graph, runs it once and gives back the values. */
public final class Evaluate {
  private Evaluate() {}

  /**
   * The value of one operand, in a graph of its own; variables are initialized first.
   *
   * @param build builds the operand
   * @return its values, row-major
   */
  public static double[] one(Function<Ops, Operand<?>> build) {
    return all(tf -> List.of(build.apply(tf)))[0];
  }

  /**
   * The values of several operands in one run; variables are initialized first.
   *
   * @param build builds the operands
   * @return the values of each, row-major
   */
  public static double[][] all(Function<Ops, List<? extends Operand<?>>> build) {
    try (Graph graph = new Graph()) {
      List<? extends Operand<?>> operands = build.apply(Ops.create(graph));
      try (Session session = new Session(graph)) {
        session.initialize();
        Session.Runner runner = session.runner();
        operands.forEach(runner::fetch);
        try (Result result = runner.run()) {
          double[][] values = new double[operands.size()][];
          for (int i = 0; i < values.length; i++) {
            values[i] = TensorValues.doubles(result.get(i));
          }
          return values;
        }
      }
    }
  }
}
