/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TFloating;

/** Finds, before TensorFlow does worse, what it could not differentiate. */
final class Differentiation {
  /**
   * Whose gradient casts a constant to the type of the input, which is a reference type where the
   * input is a bare variable or the result of an assignment: Square, Log1p, Asin and Atanh then end
   * the process (2.18), as Erf was seen to do, the others throw.
   */
  private static final Set<String> NEED_A_VALUE =
      Set.of(
          "Square", "Log1p", "Asin", "Acos", "Atan", "Atanh", "Erf", "Erfinv", "Ndtri", "Pow",
          "Sign");

  private static final Set<String> DIFFERENTIABLE =
      Set.of("DT_FLOAT", "DT_DOUBLE", "DT_HALF", "DT_BFLOAT16", "DT_COMPLEX64", "DT_COMPLEX128");

  private Differentiation() {}

  /** Checks that a gradient of the loss reaches each variable. */
  static void check(
      Operand<? extends TFloating> loss, List<? extends Operand<? extends TFloating>> variables) {
    Set<GraphOperation> differentiated = differentiated((GraphOperation) loss.op());
    Set<Operation> listed = new HashSet<>();
    variables.forEach(variable -> listed.add(variable.op()));
    differentiated.stream()
        .filter(op -> NEED_A_VALUE.contains(op.type()))
        .forEach(op -> checkInputs(op, listed));

    List<String> unreachable = new ArrayList<>();
    for (Operand<? extends TFloating> variable : variables) {
      if (!differentiated.contains((GraphOperation) variable.op())) {
        unreachable.add(variable.op().name());
      }
    }
    if (!unreachable.isEmpty()) {
      throw new IllegalArgumentException(
          "variables must be such that a gradient of the loss reaches them, got "
              + String.join(", ", unreachable)
              + " that it does not reach");
    }
  }

  /** An assignment hands on the variable itself; a variable that is not moved gets no gradient. */
  private static void checkInputs(GraphOperation op, Set<Operation> listed) {
    for (Operand<?> input : op.inputs()) {
      boolean variable = input.op().type().equals("VariableV2");
      if (input.asOutput().dataType().name().endsWith("_REF")
          && (!variable || listed.contains(input.op()))) {
        throw new IllegalArgumentException(
            (variable ? "variable" : input.op().type())
                + " "
                + input.op().name()
                + " must be read through tf.identity, got "
                + op.type()
                + " "
                + op.name()
                + " of the variable itself");
      }
    }
  }

  /**
   * By the type's name: not every type has a class in TensorFlow Java, unsigned ones and complex.
   */
  private static boolean isDifferentiable(DataType type) {
    return DIFFERENTIABLE.contains(type.name().replaceFirst("_REF$", ""));
  }

  /** What the loss is computed from by floating-point values, without crossing a stop-gradient. */
  private static Set<GraphOperation> differentiated(GraphOperation loss) {
    Set<GraphOperation> found = new LinkedHashSet<>();
    Deque<GraphOperation> open = new ArrayDeque<>(List.of(loss));
    while (!open.isEmpty()) {
      GraphOperation op = open.pop();
      if (!found.add(op) || op.type().equals("StopGradient")) {
        continue;
      }
      for (Operand<?> input : op.inputs()) {
        if (isDifferentiable(input.asOutput().dataType())) {
          open.push((GraphOperation) input.op());
        }
      }
    }
    return found;
  }
}
