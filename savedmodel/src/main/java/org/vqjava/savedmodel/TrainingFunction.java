/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.Struct.StructuredValue;
import org.tensorflow.proto.Struct.TupleValue;

/**
 * The forward pass for training that {@code model.save} of tf_keras keeps beside the one for
 * inference: batch statistics, moving averages that are updated, dropout.
 *
 * @param name of the function
 * @param inputs names of its inputs in their order
 * @param captures objects that it uses beside them, in their order
 * @param outputs names of its outputs in their order; empty for a single one without a name
 */
record TrainingFunction(
    String name, List<String> inputs, List<Integer> captures, List<String> outputs) {

  /** Of all that were saved, the one that takes what the signature takes. */
  static TrainingFunction find(ModelObjects objects, Set<String> signatureInputs) {
    TrainingFunction found = null;
    List<String> names =
        objects
            .child("__call__")
            .map(call -> (List<String>) call.getFunction().getConcreteFunctionsList())
            .orElse(List.of());
    for (String name : names) {
      SavedConcreteFunction function =
          objects.function(name).orElse(SavedConcreteFunction.getDefaultInstance());
      TupleValue arguments = function.getCanonicalizedInputSignature().getTupleValue();
      if (isForTraining(arguments)) {
        List<String> inputs = new ArrayList<>();
        collectInputs(function.getCanonicalizedInputSignature(), inputs);
        if (found == null || new TreeSet<>(inputs).equals(new TreeSet<>(signatureInputs))) {
          found =
              new TrainingFunction(name, inputs, function.getBoundInputsList(), outputs(function));
        }
      }
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "training must be asked of a model that was saved with its training function, as"
              + " model.save of tf_keras does, got one without: model.export, Keras 3 and"
              + " save_traces=False keep none");
    }
    return found;
  }

  private static boolean isForTraining(TupleValue arguments) {
    return arguments.getValuesCount() > 0
        && arguments.getValues(0).getTupleValue().getValuesList().stream()
            .anyMatch(StructuredValue::getBoolValue);
  }

  private static void collectInputs(StructuredValue value, List<String> names) {
    switch (value.getKindCase()) {
      case TENSOR_SPEC_VALUE -> names.add(value.getTensorSpecValue().getName());
      case TUPLE_VALUE ->
          value.getTupleValue().getValuesList().forEach(v -> collectInputs(v, names));
      case LIST_VALUE -> value.getListValue().getValuesList().forEach(v -> collectInputs(v, names));
      case DICT_VALUE ->
          sorted(value.getDictValue().getFieldsMap())
              .values()
              .forEach(v -> collectInputs(v, names));
      default -> {
        // a number or a flag is no input
      }
    }
  }

  private static List<String> outputs(SavedConcreteFunction function) {
    StructuredValue signature = function.getOutputSignature();
    return signature.getKindCase() == StructuredValue.KindCase.DICT_VALUE
        ? List.copyOf(sorted(signature.getDictValue().getFieldsMap()).keySet())
        : List.of();
  }

  private static Map<String, StructuredValue> sorted(Map<String, StructuredValue> fields) {
    return new TreeMap<>(fields);
  }

  /** The signature's input that an input of this function is. */
  Value argument(String input, Map<String, ? extends Value> bySignature) {
    @Nullable Value value = bySignature.get(input);
    if (value == null && bySignature.size() == 1) {
      value = bySignature.values().iterator().next();
    }
    if (value == null) {
      throw new IllegalArgumentException(
          "the training function must take what the signature takes, "
              + bySignature.keySet()
              + ", got "
              + input);
    }
    return value;
  }
}
