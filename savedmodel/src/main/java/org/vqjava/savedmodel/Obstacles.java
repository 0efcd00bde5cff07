/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Optional;
import java.util.Set;

/** What stands in the way by its kind, and what can be done. */
final class Obstacles {
  private static final Set<String> OLD_CONTROL_FLOW =
      Set.of("Enter", "RefEnter", "Merge", "Switch", "NextIteration", "Exit", "LoopCond");
  private static final Set<String> PYTHON = Set.of("PyFunc", "PyFuncStateless", "EagerPyFunc");
  private static final Set<String> COMPILED =
      Set.of("XlaCallModule", "XlaLaunch", "TPUPartitionedCall");
  private static final String FIX_THE_SHAPE =
      "fix the shape of the input, FlattenOptions.withInputShape, or export it with that shape";

  private Obstacles() {}

  /** Operations that are an obstacle wherever they are. */
  static Optional<Refusal> ofType(String type) {
    if (!Operations.isKnown(type)) {
      return refusal(
          "this TensorFlow does not know it",
          "export the model without custom operations, or with TensorFlow 2.18 or older");
    }
    if (OLD_CONTROL_FLOW.contains(type)) {
      return refusal(
          "control flow of TensorFlow 1 has no gradient here",
          "convert the model to TensorFlow 2, which writes While and If");
    }
    if (PYTHON.contains(type)) {
      return refusal(
          "it runs Python code",
          "replace the Python function by TensorFlow's operations before exporting");
    }
    if (COMPILED.contains(type)) {
      return refusal(
          "it holds a compiled program, which cannot be differentiated",
          "export without jit_compile and without native serialization");
    }
    if (type.endsWith("Dataset") || type.startsWith("Iterator")) {
      return refusal("it reads data by itself", "export a signature that takes the data as inputs");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(String reason, String remedy) {
    return Optional.of(new Refusal(reason, remedy));
  }

  static Refusal holdsAVariable() {
    return new Refusal(
        "it works on a variable by its handle, which a flat graph has not",
        "export the function for inference");
  }

  static Refusal loop() {
    return new Refusal(
        "how often the loop runs depends on data, or on a size that is not known", FIX_THE_SHAPE);
  }

  static Refusal branch() {
    return new Refusal(
        "which branch is taken depends on data, or on a size that is not known",
        FIX_THE_SHAPE + ", or a signature for each branch");
  }

  static Refusal withoutDependence() {
    return new Refusal(
        "none of its outputs is a floating-point number that depends on a trainable variable",
        "export a signature with the scores, not only what is chosen by them; to run it only,"
            + " FlattenOptions.withoutGradients");
  }

  static Refusal withoutGradient(String type) {
    return switch (type) {
      case "While", "StatelessWhile" -> loop();
      case "If", "StatelessIf", "Case", "StatelessCase" -> branch();
      default ->
          new Refusal(
              "TensorFlow Java has no gradient for it",
              type.startsWith("TensorList")
                  ? FIX_THE_SHAPE
                  : "train what does not depend on it, or replace it, FlatModel.rewrite");
    };
  }

  static Obstacle damaged(String type, String place, RuntimeException cause) {
    String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new Obstacle(
        type, place, "it does not fit its definition: " + message, "export the model again");
  }
}
