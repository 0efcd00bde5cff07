/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** Finds, before TensorFlow does worse, what it could not differentiate. */
final class Differentiation {
  /**
   * Whose gradient casts a constant to the type of the input, which is a reference type where the
   * input is a bare variable: Square and Erf then end the process (2.18), the others throw.
   */
  private static final Set<String> NEED_A_VALUE =
      Set.of("Square", "Erf", "Erfinv", "Ndtri", "Pow", "Sign");

  private Differentiation() {}

  /** Checks that a gradient of the loss reaches each variable. */
  static void check(
      Operand<? extends TFloating> loss, List<? extends Operand<? extends TFloating>> variables) {
    Set<GraphOperation> differentiated = differentiated((GraphOperation) loss.op());
    List<String> unreachable = new ArrayList<>();
    for (Operand<? extends TFloating> variable : variables) {
      GraphOperation op = (GraphOperation) variable.op();
      if (!differentiated.contains(op)) {
        unreachable.add(op.name());
        continue;
      }
      for (GraphOperation reader : op.consumers()) {
        if (NEED_A_VALUE.contains(reader.type()) && differentiated.contains(reader)) {
          throw new IllegalArgumentException(
              "variable "
                  + op.name()
                  + " must be read through tf.identity, got "
                  + reader.type()
                  + " "
                  + reader.name()
                  + " of the variable itself");
        }
      }
    }
    if (!unreachable.isEmpty()) {
      throw new IllegalArgumentException(
          "variables must be such that a gradient of the loss reaches them, got "
              + String.join(", ", unreachable)
              + " that it does not reach");
    }
  }

  /** What the loss is computed from by floating-point values, without crossing a stop-gradient. */
  private static Set<GraphOperation> differentiated(GraphOperation loss) {
    Set<GraphOperation> found = new HashSet<>();
    Deque<GraphOperation> open = new ArrayDeque<>(List.of(loss));
    while (!open.isEmpty()) {
      GraphOperation op = open.pop();
      if (!found.add(op) || op.type().equals("StopGradient")) {
        continue;
      }
      for (Operand<?> input : op.inputs()) {
        if (TFloating.class.isAssignableFrom(input.type())) {
          open.push((GraphOperation) input.op());
        }
      }
    }
    return found;
  }
}
