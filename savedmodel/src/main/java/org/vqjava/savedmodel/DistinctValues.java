/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.proto.DataType;

/** How many different numbers variables have: few, where weights were clustered. */
public final class DistinctValues {
  private DistinctValues() {}

  /**
   * Reads the values from the checkpoint and counts. Nothing of the model is run.
   *
   * <p>Cost: a sort of each variable, one after the other.
   *
   * @param model its description
   * @return name of a float32 variable → how many different numbers it has; −0 and 0 are one. A
   *     variable that the checkpoint does not hold, or holds in parts, is left out
   * @throws IllegalArgumentException if the checkpoint is damaged
   * @throws IOException if it cannot be read
   */
  public static Map<String, Integer> of(ModelDescription model) throws IOException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    Checkpoint checkpoint = Checkpoint.ofModel(model.directory());
    ModelVariables said =
        ModelVariables.described(
            new Source(SavedModelProto.graph(model.directory(), model.tags())), checkpoint.keys());
    for (ModelDescription.Variable variable : model.variables()) {
      String key = said.checkpointKeys(variable.name()).stream().findFirst().orElse("");
      boolean counted =
          checkpoint
              .find(key)
              .filter(entry -> entry.type() == DataType.DT_FLOAT && !entry.partitioned())
              .isPresent();
      if (counted) {
        try (Result result = checkpoint.read(List.of(key))) {
          counts.put(variable.name(), count(result.get(0)));
        }
      }
    }
    return counts;
  }

  private static int count(Tensor value) {
    float[] values = new float[Math.toIntExact(value.shape().size())];
    value.asRawTensor().data().asFloats().read(values);
    for (int i = 0; i < values.length; i++) {
      values[i] += 0.0f;
    }
    Arrays.sort(values);
    int distinct = values.length == 0 ? 0 : 1;
    for (int i = 1; i < values.length; i++) {
      distinct += Float.compare(values[i], values[i - 1]) == 0 ? 0 : 1;
    }
    return distinct;
  }
}
