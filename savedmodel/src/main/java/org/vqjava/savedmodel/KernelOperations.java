/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.vqjava.savedmodel.VariableUse.Kind;

/** The operations that multiply by kernels, or look them up. */
final class KernelOperations {
  private static final AttrValue NONE = AttrValue.getDefaultInstance();

  /**
   * An input that is, or may be, a kernel.
   *
   * @param index which input
   * @param kind what it is to the operation
   * @param summed its axes → those of the variable over which the operation sums
   */
  record Operand(int index, Kind kind, Function<Axes, List<Integer>> summed) {
    /** A look-up of single numbers is none of an embedding. */
    VariableUse use(String operation, Axes axes) {
      boolean single = kind == Kind.LOOK_UP && axes.rank() == 1;
      return new VariableUse(single ? Kind.OTHER : kind, operation, summed.apply(axes));
    }
  }

  private KernelOperations() {}

  /** Empty for other operations, and for those that lack an input. */
  static Optional<List<Operand>> operands(NodeDef node, List<Traced> inputs) {
    return byType(node, inputs)
        .filter(all -> all.stream().allMatch(operand -> operand.index() < inputs.size()));
  }

  private static Optional<List<Operand>> byType(NodeDef node, List<Traced> inputs) {
    return switch (node.getOp()) {
      case "MatMul", "_FusedMatMul", "SparseMatMul" ->
          factors(0, 1, flag(node, "transpose_a"), flag(node, "transpose_b"));
      case "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" ->
          factors(0, 1, flag(node, "adj_x"), flag(node, "adj_y"));
      case "SparseTensorDenseMatMul" -> one(3, Kind.PRODUCT, factor(1, flag(node, "adjoint_b")));
      case "XlaDot", "XlaDotV2" ->
          Optional.of(
              List.of(
                  new Operand(0, Kind.PRODUCT, KernelOperations::unknown),
                  new Operand(1, Kind.PRODUCT, KernelOperations::unknown)));
      case "Einsum" -> Optional.of(einsum(node));
      case "CudnnRNN", "CudnnRNNV2", "CudnnRNNV3" ->
          one(3, Kind.PRODUCT, KernelOperations::unknown);
      case "Conv", "Conv2D", "Conv3D", "_FusedConv2D", "FusedConv2DBiasActivation" ->
          one(1, Kind.CONVOLUTION, axes -> axes.allBut(-1));
      case "XlaConv", "XlaConvV2" -> one(1, Kind.CONVOLUTION, KernelOperations::unknown);
      case "Conv2DBackpropInput",
          "Conv2DBackpropInputV2",
          "Conv3DBackpropInput",
          "Conv3DBackpropInputV2" ->
          one(1, Kind.TRANSPOSED_CONVOLUTION, axes -> axes.allBut(-2));
      case "DepthwiseConv2dNative", "_FusedDepthwiseConv2dNative" ->
          one(1, Kind.DEPTHWISE_CONVOLUTION, axes -> axes.in(0, 1));
      case "Gather", "ResourceGather" ->
          one(0, Kind.LOOK_UP, axes -> axes.allBut((int) attribute(node, "batch_dims").getI()));
      case "GatherV2" -> one(0, Kind.LOOK_UP, axes -> axes.allBut(axis(inputs)));
      case "GatherNd",
          "ResourceGatherNd",
          "SparseSegmentSum",
          "SparseSegmentMean",
          "SparseSegmentSqrtN",
          "SparseSegmentSumWithNumSegments",
          "SparseSegmentMeanWithNumSegments",
          "SparseSegmentSqrtNWithNumSegments" ->
          one(0, Kind.LOOK_UP, axes -> axes.allBut(0));
      default -> Optional.empty();
    };
  }

  private static Optional<List<Operand>> one(
      int index, Kind kind, Function<Axes, List<Integer>> summed) {
    return Optional.of(List.of(new Operand(index, kind, summed)));
  }

  private static Optional<List<Operand>> factors(
      int a, int b, boolean transposeA, boolean transposeB) {
    return Optional.of(
        List.of(
            new Operand(a, Kind.PRODUCT, factor(0, transposeA)),
            new Operand(b, Kind.PRODUCT, factor(1, transposeB))));
  }

  /** The first factor is summed over its last axis, the second over the one before the last. */
  private static Function<Axes, List<Integer>> factor(int place, boolean transposed) {
    return axes -> axes.in((place == 0) == transposed ? -2 : -1);
  }

  /** What is named in the product and not in the result is summed over. */
  private static List<Operand> einsum(NodeDef node) {
    String equation = attribute(node, "equation").getS().toStringUtf8().replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] factors = sides[0].split(",", -1);
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < factors.length; i++) {
      String labels = factors[i];
      String kept = sides.length > 1 ? sides[1] : "";
      operands.add(
          new Operand(
              i,
              Kind.PRODUCT,
              axes -> {
                if (labels.contains(".") || labels.length() != axes.rank()) {
                  return List.of();
                }
                return axes.in(
                    labels
                        .chars()
                        .filter(label -> kept.indexOf(label) < 0)
                        .map(labels::indexOf)
                        .toArray());
              }));
    }
    return operands;
  }

  private static int axis(List<Traced> inputs) {
    return inputs.size() < 3
        ? 0
        : inputs
            .get(2)
            .numbers()
            .filter(n -> n.size() == 1)
            .map(n -> n.get(0).intValue())
            .orElse(0);
  }

  private static List<Integer> unknown(Axes axes) {
    return axes.in();
  }

  private static boolean flag(NodeDef node, String attribute) {
    return attribute(node, attribute).getB();
  }

  private static AttrValue attribute(NodeDef node, String name) {
    Map<String, AttrValue> attributes = node.getAttrMap();
    return attributes.getOrDefault(name, NONE);
  }
}
