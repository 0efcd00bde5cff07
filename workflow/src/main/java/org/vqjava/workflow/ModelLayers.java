/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.Layer;
import org.vqjava.clustering.pq.LayerWeight;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.TrainableModel;

/**
 * The weights of a loaded model that a {@linkplain org.vqjava.clustering.pq.QuantizationPlan plan}
 * can quantize, told apart by what computes with them. A layer is named as its variable is.
 */
final class ModelLayers {
  private static final Set<String> PRODUCTS =
      Set.of("MatMul", "BatchMatMul", "BatchMatMulV2", "Einsum");

  private ModelLayers() {}

  /** Those of some variables that are not quantized yet. */
  static List<LayerWeight> of(
      TrainableModel model, List<ModelVariable> variables, Set<String> quantized) {
    Map<ModelVariable, Kind> kinds = new LinkedHashMap<>();
    for (ModelVariable variable : variables) {
      if (CompressedFolder.isArchived(variable) && !quantized.contains(variable.name())) {
        kind(model.flat(), variable).ifPresent(kind -> kinds.put(variable, kind));
      }
    }
    Map<String, float[]> values =
        CompressedFolder.values(model, kinds.keySet().stream().map(ModelVariable::name).toList());
    List<LayerWeight> weights = new ArrayList<>();
    kinds.forEach(
        (variable, kind) ->
            weights.add(
                new LayerWeight(
                    kind.layer(),
                    Objects.requireNonNull(values.get(variable.name())),
                    variable.shape(),
                    kind.layout())));
    return weights;
  }

  private record Kind(Layer layer, BlockLayout layout) {}

  private static Optional<Kind> kind(FlatModel flat, ModelVariable variable) {
    Shape shape = variable.shape();
    List<String> uses = flat.usedBy(variable.name());
    String name = variable.name();
    if (shape.numDimensions() == 4 && uses.contains("Conv2D")) {
      String size = "(" + shape.get(0) + ", " + shape.get(1) + ")";
      Layer layer = new Layer(name, "Conv2D", Map.of("kernel_size", size));
      return Optional.of(new Kind(layer, BlockLayout.CONVOLUTION));
    }
    if (shape.numDimensions() == 2 && uses.contains("GatherV2")) {
      Layer layer = new Layer(name, "Embedding", Map.of("output_dim", text(shape, 1)));
      return Optional.of(new Kind(layer, BlockLayout.ROWS));
    }
    if (shape.numDimensions() == 2 && uses.stream().anyMatch(PRODUCTS::contains)) {
      Layer layer =
          new Layer(name, "Dense", Map.of("in_features", text(shape, 0), "units", text(shape, 1)));
      return Optional.of(new Kind(layer, BlockLayout.DENSE));
    }
    return Optional.empty();
  }

  private static String text(Shape shape, int axis) {
    return String.valueOf(shape.get(axis));
  }
}
