/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/**
 * What becomes of variables in one operation. What has numbers of variables alone is followed until
 * it meets data: that operation is the use. Operations that are not known are uses too, and give
 * data.
 */
final class TracedOperations {
  /** Give the numbers that they are given. */
  private static final Set<String> SAME =
      Set.of(
          "Identity",
          "Snapshot",
          "ReadVariableOp",
          "Cast",
          "StopGradient",
          "PreventGradient",
          "CheckNumerics",
          "EnsureShape",
          "Bitcast",
          "Enter",
          "RefEnter",
          "Exit",
          "RefExit",
          "NextIteration",
          "RefNextIteration",
          "Switch",
          "RefSwitch",
          "RefIdentity",
          "LoopCond",
          "PlaceholderWithDefault",
          "FakeQuantWithMinMaxArgs",
          "FakeQuantWithMinMaxVars",
          "FakeQuantWithMinMaxVarsPerChannel",
          "QuantizeAndDequantize",
          "QuantizeAndDequantizeV2",
          "QuantizeAndDequantizeV3",
          "QuantizeAndDequantizeV4",
          "Abs",
          "Neg",
          "Sign",
          "Square",
          "Sqrt",
          "Rsqrt",
          "Exp",
          "Log",
          "Tanh",
          "Sigmoid",
          "Softplus",
          "Relu",
          "Relu6",
          "Round",
          "ClipByValue",
          "Softmax");

  /** Numbers of the second kind scale, shift or mask those of the first. */
  private static final Set<String> ELEMENT_BY_ELEMENT =
      Set.of(
          "Mul",
          "Div",
          "RealDiv",
          "DivNoNan",
          "MulNoNan",
          "Add",
          "AddV2",
          "Sub",
          "Maximum",
          "Minimum",
          "Pow",
          "Select",
          "SelectV2",
          "SquaredDifference");

  /** Take a part, or join several, without moving an axis; indices are no numbers of theirs. */
  private static final Set<String> PARTS =
      Set.of(
          "Split",
          "SplitV",
          "Slice",
          "ConcatV2",
          "Concat",
          "Reverse",
          "ReverseV2",
          "Roll",
          "Pad",
          "PadV2",
          "MirrorPad",
          "Tile",
          "BroadcastTo",
          "Pack");

  private static final Set<String> SHAPES =
      Set.of("Shape", "ShapeN", "Size", "Rank", "VariableShape", "ZerosLike", "OnesLike");

  private static final Set<String> REDUCTIONS =
      Set.of("Sum", "Mean", "Max", "Min", "Prod", "L2Loss", "EuclideanNorm", "Any", "All");

  private TracedOperations() {}

  /** What all outputs of the operation are; uses are added to those found. */
  static Traced of(NodeDef node, List<Traced> inputs, FoundUses found) {
    String type = node.getOp();
    Optional<List<KernelOperations.Operand>> kernels = KernelOperations.operands(node, inputs);
    if (kernels.isPresent()) {
      return kernel(type, kernels.get(), inputs, found);
    }
    if (type.equals("Const")) {
      return constant(node);
    }
    if (writes(type)) {
      inputs.stream().limit(1).forEach(variable -> found.write(variable.variables().keySet()));
      return inputs.isEmpty() ? Traced.NOTHING : inputs.get(0);
    }
    if (inputs.isEmpty()) {
      return Traced.DATA;
    }
    if (SHAPES.contains(type)) {
      return shape(type, inputs.get(0));
    }
    if (SAME.contains(type)) {
      Traced first = inputs.get(0);
      return type.equals("PlaceholderWithDefault") ? Traced.DATA : first;
    }
    Optional<Traced> moved = moved(node, inputs);
    if (moved.isPresent()) {
      return moved.get();
    }
    if (inputs.stream().anyMatch(Traced::data) || !isOfVariablesAlone(type)) {
      boolean any = inputs.stream().anyMatch(Traced::holdsVariables);
      inputs.forEach(input -> use(input, type, found));
      return any || inputs.stream().anyMatch(Traced::data) ? Traced.DATA : Traced.NOTHING;
    }
    if (REDUCTIONS.contains(type)) {
      return Traced.NOTHING;
    }
    return PARTS.contains(type) ? part(type, inputs) : larger(type, inputs, found);
  }

  private static boolean isOfVariablesAlone(String type) {
    return ELEMENT_BY_ELEMENT.contains(type) || PARTS.contains(type) || REDUCTIONS.contains(type);
  }

  private static boolean writes(String type) {
    return type.startsWith("Assign")
        || type.startsWith("ResourceApply")
        || type.startsWith("ResourceScatter")
        || type.startsWith("ResourceSparseApply")
        || type.startsWith("Apply")
        || type.startsWith("SparseApply")
        || (type.startsWith("Scatter") && !type.equals("ScatterNd"));
  }

  private static Traced kernel(
      String type, List<KernelOperations.Operand> operands, List<Traced> inputs, FoundUses found) {
    for (int i = 0; i < inputs.size(); i++) {
      int index = i;
      Optional<KernelOperations.Operand> kernel =
          operands.stream().filter(operand -> operand.index() == index).findFirst();
      inputs
          .get(i)
          .variables()
          .forEach(
              (name, axes) ->
                  found.use(name, kernel.map(k -> k.use(type, axes)).orElse(other(type))));
    }
    return inputs.stream().anyMatch(Traced::data) ? Traced.DATA : Traced.NOTHING;
  }

  private static VariableUse other(String type) {
    return new VariableUse(VariableUse.Kind.OTHER, type, List.of());
  }

  private static void use(Traced input, String type, FoundUses found) {
    input.variables().keySet().forEach(name -> found.use(name, other(type)));
  }

  private static Traced constant(NodeDef node) {
    TensorProto tensor = node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
    return tensor.getTensorShape().getDimCount() > 1
        ? Traced.NOTHING
        : WholeNumbers.of(tensor).map(Traced::numbers).orElse(Traced.NOTHING);
  }

  private static Traced shape(String type, Traced of) {
    boolean known = type.equals("Shape") || type.equals("VariableShape");
    if (known && of.variables().size() == 1) {
      Axes axes = of.variables().values().iterator().next();
      if (axes.rank() > 0 && !axes.sizes().contains(-1L)) {
        return Traced.numbers(axes.sizes());
      }
    }
    return Traced.NOTHING;
  }

  /** Operations that move or name axes; what they are told by other inputs is no data of theirs. */
  private static Optional<Traced> moved(NodeDef node, List<Traced> inputs) {
    Traced first = inputs.get(0);
    Optional<List<Long>> told = inputs.size() > 1 ? inputs.get(1).numbers() : Optional.empty();
    return switch (node.getOp()) {
      case "Transpose", "ConjugateTranspose" ->
          Optional.of(first.with(axes -> told.map(axes::transposed).orElse(Axes.UNKNOWN)));
      case "Reshape" ->
          Optional.of(first.with(axes -> told.map(axes::reshaped).orElse(Axes.UNKNOWN)));
      case "ExpandDims" ->
          Optional.of(
              first.with(
                  axes ->
                      told.filter(axis -> axis.size() == 1)
                          .map(axis -> axes.expanded(axis.get(0)))
                          .orElse(Axes.UNKNOWN)));
      case "Squeeze" ->
          Optional.of(
              first.with(
                  axes ->
                      axes.squeezed(
                          node.getAttrOrDefault("squeeze_dims", AttrValue.getDefaultInstance())
                              .getList()
                              .getIList())));
      case "StridedSlice" ->
          Optional.of(first.with(axes -> dropsAxes(node) ? Axes.UNKNOWN : axes.resized()));
      case "Unpack" -> Optional.of(first.with(axes -> unpacked(node, axes)));
      case "Merge", "RefMerge" ->
          Optional.of(inputs.stream().reduce(Traced::or).orElse(Traced.NOTHING));
      default -> Optional.empty();
    };
  }

  private static boolean dropsAxes(NodeDef slice) {
    Map<String, AttrValue> attributes = slice.getAttrMap();
    return List.of("shrink_axis_mask", "new_axis_mask", "ellipsis_mask").stream()
        .anyMatch(mask -> attributes.containsKey(mask) && attributes.get(mask).getI() != 0);
  }

  private static Axes unpacked(NodeDef node, Axes axes) {
    long axis = node.getAttrOrDefault("axis", AttrValue.getDefaultInstance()).getI();
    return axes.equals(Axes.UNKNOWN) ? axes : axes.squeezed(List.of(axis));
  }

  private static Traced part(String type, List<Traced> inputs) {
    return new Traced(Traced.joined(inputs), false, Optional.empty())
        .with(axes -> type.equals("Pack") ? Axes.UNKNOWN : axes.resized());
  }

  /** The variable with most numbers goes on; what scales, shifts or masks it was used. */
  private static Traced larger(String type, List<Traced> inputs, FoundUses found) {
    Traced largest = Traced.NOTHING;
    for (Traced input : inputs) {
      if (!largest.holdsVariables() || size(input) > size(largest)) {
        largest = input.holdsVariables() ? input : largest;
      }
    }
    for (Traced input : inputs) {
      if (!input.variables().keySet().equals(largest.variables().keySet())) {
        use(input, type, found);
      }
    }
    return new Traced(largest.variables(), false, Optional.empty());
  }

  private static long size(Traced traced) {
    return traced.variables().values().stream()
        .collect(
            Collectors.summingLong(
                axes -> axes.sizes().stream().reduce(1L, (a, b) -> a * Math.max(1, b))));
  }
}
