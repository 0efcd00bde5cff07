/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.Layer;
import org.vqjava.clustering.pq.LayerWeight;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.TrainableModel;
import org.vqjava.savedmodel.VariableUse;

/**
 * The weights of a loaded model that a {@linkplain org.vqjava.clustering.pq.QuantizationPlan plan}
 * can quantize, told apart by what computes with them, and cut along what is summed over. A layer
 * is named as its variable is.
 */
final class ModelLayers {
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

  /** By its first use as a kernel: a gradient that is in the model uses it the other way round. */
  private static Optional<Kind> kind(FlatModel flat, ModelVariable variable) {
    Shape shape = variable.shape();
    if (shape.numDimensions() < 2) {
      return Optional.empty();
    }
    return flat.usedBy(variable.name()).stream()
        .filter(VariableUse::isKernel)
        .findFirst()
        .flatMap(
            use -> {
              List<Integer> summed = summed(use, shape.numDimensions());
              return layout(use, summed, shape.numDimensions())
                  .map(layout -> new Kind(layer(variable.name(), use, summed, shape), layout));
            });
  }

  /** Where the axes cannot be followed, as Keras has them. */
  private static List<Integer> summed(VariableUse use, int rank) {
    if (!use.summed().isEmpty()) {
      return use.summed();
    }
    int kept =
        switch (use.kind()) {
          case LOOK_UP -> 0;
          case TRANSPOSED_CONVOLUTION -> rank - 2;
          default -> rank - 1;
        };
    return IntStream.range(0, rank).filter(axis -> axis != kept).boxed().toList();
  }

  private static Optional<BlockLayout> layout(VariableUse use, List<Integer> summed, int rank) {
    if (summed.contains(rank - 1)) {
      return Optional.of(BlockLayout.ROWS);
    }
    if (summed.contains(rank - 2)) {
      boolean filter = use.kind() == VariableUse.Kind.CONVOLUTION && rank > 2;
      return Optional.of(filter ? BlockLayout.CONVOLUTION : BlockLayout.DENSE);
    }
    return summed.contains(0) ? Optional.of(BlockLayout.INPUT_FIRST) : Optional.empty();
  }

  private static Layer layer(String name, VariableUse use, List<Integer> summed, Shape shape) {
    int rank = shape.numDimensions();
    long in = summed.stream().mapToLong(shape::get).reduce(1, (a, b) -> a * b);
    String units = String.valueOf(shape.size() / in);
    return switch (use.kind()) {
      case LOOK_UP -> new Layer(name, "Embedding", Map.of("output_dim", String.valueOf(in)));
      case CONVOLUTION, TRANSPOSED_CONVOLUTION ->
          new Layer(
              name,
              "Conv"
                  + (rank - 2)
                  + "D"
                  + (use.kind() == VariableUse.Kind.CONVOLUTION ? "" : "Transpose"),
              Map.of("kernel_size", kernelSize(shape, summed.contains(0))));
      default ->
          new Layer(
              name,
              rank == 2 ? "Dense" : "EinsumDense",
              Map.of("in_features", String.valueOf(in), "units", units));
    };
  }

  /** As Python writes it; the places come first, or last where outputs do. */
  private static String kernelSize(Shape shape, boolean placesFirst) {
    int from = placesFirst ? 0 : 2;
    String sizes =
        IntStream.range(from, from + shape.numDimensions() - 2)
            .mapToObj(axis -> String.valueOf(shape.get(axis)))
            .collect(Collectors.joining(", "));
    return "(" + sizes + (shape.numDimensions() == 3 ? ",)" : ")");
  }
}
