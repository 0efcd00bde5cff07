/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** How many different numbers variables have: few, where weights were clustered. */
public final class DistinctValues {
  private DistinctValues() {}

  /**
   * Loads the model and counts.
   *
   * <p>A SavedModel is a program, and loading it runs what it says is to be run at the start. Cost:
   * the model's memory, and a sort of each variable.
   *
   * @param model its description
   * @return name of a float32 variable → how many different numbers it has; −0 and 0 are one
   * @throws IllegalArgumentException if the model cannot be loaded
   */
  public static Map<String, Integer> of(ModelDescription model) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    try (SavedModelBundle bundle =
        SavedModelBundle.load(model.directory().toString(), model.tags().toArray(new String[0]))) {
      Graph graph = bundle.graph();
      Ops tf = Ops.create(graph);
      for (ModelDescription.Variable variable : model.variables()) {
        GraphOperation operation = graph.operation(variable.name());
        if (variable.type().equals(ModelDescription.FLOAT32) && operation != null) {
          count(bundle, value(tf, operation))
              .ifPresent(count -> counts.put(variable.name(), count));
        }
      }
    } catch (TensorFlowException e) {
      throw new IllegalArgumentException(
          model.directory() + " must be a model that can be loaded: " + firstLine(e), e);
    }
    return counts;
  }

  private static Operand<TFloat32> value(Ops tf, GraphOperation variable) {
    return variable.type().equals("VarHandleOp")
        ? tf.readVariableOp(variable.output(0), TFloat32.class)
        : tf.identity(variable.<TFloat32>output(0));
  }

  /** Nothing for a variable that the checkpoint does not hold. */
  private static OptionalInt count(SavedModelBundle bundle, Operand<TFloat32> value) {
    try (Result result = bundle.session().runner().fetch(value).run()) {
      float[] values = new float[Math.toIntExact(result.get(0).shape().size())];
      result.get(0).asRawTensor().data().asFloats().read(values);
      for (int i = 0; i < values.length; i++) {
        values[i] += 0.0f;
      }
      Arrays.sort(values);
      int distinct = values.length == 0 ? 0 : 1;
      for (int i = 1; i < values.length; i++) {
        distinct += Float.compare(values[i], values[i - 1]) == 0 ? 0 : 1;
      }
      return OptionalInt.of(distinct);
    } catch (TensorFlowException e) {
      return OptionalInt.empty();
    }
  }

  private static String firstLine(TensorFlowException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
