/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * A signature with one input and one output.
 *
 * @param input the name of the tensor that is fed
 * @param output the name of the tensor that is fetched
 * @param shape of the input, unknown in its first size at most
 */
record ModelSignature(String input, String output, Shape shape) {

  static ModelSignature of(
      SavedModelBundle model, String key, DataType inputType, DataType outputType) {
    Set<String> keys = model.metaGraphDef().getSignatureDefMap().keySet();
    if (!keys.contains(key)) {
      throw new IllegalArgumentException(
          "savedModel must have a signature " + key + ", got " + new TreeSet<>(keys));
    }
    Signature signature = model.function(key).signature();
    TensorDescription input = only(key, "input", signature.getInputs());
    TensorDescription output = only(key, "output", signature.getOutputs());
    check(key, "input", inputType, input);
    check(key, "output", outputType, output);
    Shape shape = input.shape;
    if (shape.isUnknown() || shape.numDimensions() < 1 || shape.tail().hasUnknownDimension()) {
      throw new IllegalArgumentException(
          "signature "
              + key
              + " must have an input whose sizes but the first are known, got shape "
              + (shape.isUnknown() ? "unknown" : shape));
    }
    return new ModelSignature(input.name, output.name, shape);
  }

  private static TensorDescription only(
      String key, String what, Map<String, TensorDescription> tensors) {
    if (tensors.size() != 1) {
      throw new IllegalArgumentException(
          "signature " + key + " must have one " + what + ", got " + tensors.keySet());
    }
    return tensors.values().iterator().next();
  }

  private static void check(String key, String what, DataType type, TensorDescription tensor) {
    if (tensor.dataType != type) {
      throw new IllegalArgumentException(
          "signature "
              + key
              + " must have an "
              + what
              + " of "
              + type
              + ", got "
              + tensor.dataType);
    }
  }

  /** How many numbers one example has. */
  long inputSize() {
    return shape.tail().size();
  }

  /** The shape of as many examples as {@code length} numbers are. */
  Shape inputShape(String name, int length) {
    long size = inputSize();
    if (length % size != 0) {
      throw new IllegalArgumentException(
          name + " must have a multiple of " + size + " numbers, got " + length);
    }
    long fixed = shape.get(0);
    if (fixed >= 0 && length / size != fixed) {
      throw new IllegalArgumentException(
          name
              + " must have "
              + fixed * size
              + " numbers, as the model takes "
              + fixed
              + " inputs at a time, got "
              + length);
    }
    return shape.tail().prepend(length / size);
  }
}
