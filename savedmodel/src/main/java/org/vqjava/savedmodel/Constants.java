/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Values of whole numbers and truth values that follow from constants and from shapes that are
 * known: whether a loop goes on, which branch is taken, which element of a list is meant.
 */
final class Constants {
  /**
   * What an unknown size is tried as: a value that is the same for all of them does not depend on
   * it. One and two are what small cases look like, the prime tells a maximum or a remainder.
   */
  private static final long[] TRIED_SIZES = {1, 2, 1009};

  private static final long MOST_ELEMENTS = 1 << 16;

  /** What the arithmetic of shapes is made of; nothing else of a model is ever run. */
  private static final Set<String> ARITHMETIC =
      Set.of(
          "Const",
          "Identity",
          "Shape",
          "ShapeN",
          "Size",
          "Rank",
          "Pack",
          "Unpack",
          "StridedSlice",
          "Slice",
          "ConcatV2",
          "GatherV2",
          "Reshape",
          "ExpandDims",
          "Squeeze",
          "Cast",
          "Prod",
          "Sum",
          "Max",
          "Min",
          "All",
          "Any",
          "Range",
          "Fill",
          "Add",
          "AddV2",
          "Sub",
          "Mul",
          "FloorDiv",
          "FloorMod",
          "Mod",
          "RealDiv",
          "Maximum",
          "Minimum",
          "Neg",
          "Abs",
          "Less",
          "LessEqual",
          "Greater",
          "GreaterEqual",
          "Equal",
          "NotEqual",
          "LogicalAnd",
          "LogicalOr",
          "LogicalNot",
          "Select",
          "SelectV2",
          "ZerosLike",
          "StopGradient",
          "Ceil",
          "Floor",
          "Split",
          "SplitV",
          "Tile",
          "BroadcastArgs",
          "InvertPermutation",
          "ReverseV2");

  private final FlatGraph graph;
  private final Map<TensorRef, Optional<long[]>> known = new HashMap<>();

  Constants(FlatGraph graph) {
    this.graph = graph;
  }

  /** A truth value, where it is known: 1 or 0; of a number, whether it is not 0. */
  OptionalLong truth(Value value) {
    OptionalLong number = number(value);
    return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() == 0 ? 0 : 1);
  }

  /** A single number, where it is known. */
  OptionalLong number(Value value) {
    if (!(value instanceof TensorRef tensor)) {
      return OptionalLong.empty();
    }
    Optional<long[]> values = values(tensor);
    return values.isPresent() && values.get().length == 1
        ? OptionalLong.of(values.get()[0])
        : OptionalLong.empty();
  }

  private Optional<long[]> values(TensorRef tensor) {
    Optional<long[]> found = known.get(tensor);
    if (found == null) {
      OptionalLong folded = fold(tensor);
      found = folded.isPresent() ? Optional.of(new long[] {folded.getAsLong()}) : tried(tensor);
      known.put(tensor, found);
    }
    return found;
  }

  /**
   * Arithmetic of single numbers, such as loop counters: evaluated by a session, each step of an
   * unrolled loop would be as long as all before it (55 s for 200 steps, 0.4 s so).
   */
  private OptionalLong fold(TensorRef tensor) {
    NodeDef node = graph.node(tensor.node());
    if (node.getOp().equals("Const")) {
      return scalar(node.getAttrOrThrow("value").getTensor());
    }
    List<Long> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (TensorRef.isControl(input) || !ScalarArithmetic.has(node.getOp())) {
        return OptionalLong.empty();
      }
      OptionalLong number = number(TensorRef.parse(input));
      if (number.isEmpty() || !graph.shape(TensorRef.parse(input)).isScalar()) {
        return OptionalLong.empty();
      }
      inputs.add(number.getAsLong());
    }
    return ScalarArithmetic.apply(node.getOp(), inputs);
  }

  private static OptionalLong scalar(TensorProto tensor) {
    if (tensor.getTensorShape().getDimCount() == 0) {
      if (tensor.getIntValCount() == 1) {
        return OptionalLong.of(tensor.getIntVal(0));
      }
      if (tensor.getInt64ValCount() == 1) {
        return OptionalLong.of(tensor.getInt64Val(0));
      }
      if (tensor.getBoolValCount() == 1) {
        return OptionalLong.of(tensor.getBoolVal(0) ? 1 : 0);
      }
    }
    return OptionalLong.empty();
  }

  private Optional<long[]> tried(TensorRef tensor) {
    return partly(tensor)
        .filter(values -> values.stream().allMatch(OptionalLong::isPresent))
        .map(values -> values.stream().mapToLong(OptionalLong::getAsLong).toArray());
  }

  /** The numbers of a tensor, each where it is known; nothing where they depend on data. */
  Optional<List<OptionalLong>> partly(TensorRef tensor) {
    Map<TensorRef, Shape> shapes = new LinkedHashMap<>();
    if (!isArithmeticOfShapes(tensor, shapes)) {
      return Optional.empty();
    }
    boolean unknown = shapes.values().stream().anyMatch(Shape::hasUnknownDimension);
    List<long[]> tries = new ArrayList<>();
    for (long size : unknown ? TRIED_SIZES : new long[] {1}) {
      long[] values = run(tensor, shapes, size);
      if (values == null || values.length != (tries.isEmpty() ? values : tries.get(0)).length) {
        return Optional.empty();
      }
      tries.add(values);
    }
    List<OptionalLong> agreed = new ArrayList<>();
    for (int i = 0; i < tries.get(0).length; i++) {
      int index = i;
      long[] distinct = tries.stream().mapToLong(values -> values[index]).distinct().toArray();
      agreed.add(distinct.length == 1 ? OptionalLong.of(distinct[0]) : OptionalLong.empty());
    }
    return Optional.of(agreed);
  }

  /** Collects the results of {@code Shape} and {@code Size} that are fed. */
  private boolean isArithmeticOfShapes(TensorRef tensor, Map<TensorRef, Shape> shapes) {
    Set<String> seen = new HashSet<>(Set.of(tensor.node()));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      NodeDef node = graph.node(open.pop());
      if (!ARITHMETIC.contains(node.getOp()) || isLarge(node)) {
        return false;
      }
      if (node.getOp().equals("Shape") || node.getOp().equals("Size")) {
        Shape shape = graph.shape(TensorRef.parse(node.getInput(0)));
        if (shape.isUnknown()) {
          return false;
        }
        shapes.put(new TensorRef(node.getName(), 0), shape);
      } else {
        for (String input : node.getInputList()) {
          if (seen.add(TensorRef.nodeOf(input))) {
            open.push(TensorRef.nodeOf(input));
          }
        }
      }
    }
    return true;
  }

  private boolean isLarge(NodeDef node) {
    Shape shape = graph.shape(new TensorRef(node.getName(), 0));
    return !shape.hasUnknownDimension() && shape.size() > MOST_ELEMENTS;
  }

  private long @Nullable [] run(TensorRef tensor, Map<TensorRef, Shape> shapes, long unknown) {
    Shape own = shapes.get(tensor);
    if (own != null) {
      try (Tensor sizes = sizes(tensor, own, unknown)) {
        return values(sizes);
      }
    }
    List<Tensor> fed = new ArrayList<>();
    try {
      Session.Runner runner = graph.session().runner().fetch(graph.output(tensor));
      shapes.forEach(
          (output, shape) -> {
            Tensor sizes = sizes(output, shape, unknown);
            fed.add(sizes);
            runner.feed(graph.output(output), sizes);
          });
      try (Result result = runner.run()) {
        return values(result.get(0));
      }
    } catch (RuntimeException e) {
      // a size that was tried does not fit: nothing is known
      return null;
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  private Tensor sizes(TensorRef output, Shape shape, long unknown) {
    long[] sizes = shape.asArray();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = sizes[i] < 0 ? unknown : sizes[i];
    }
    boolean wide = graph.type(output) == DataType.DT_INT64;
    if (graph.node(output.node()).getOp().equals("Size")) {
      long size = Shape.of(sizes).size();
      return wide ? TInt64.scalarOf(size) : TInt32.scalarOf((int) size);
    }
    return wide
        ? TInt64.vectorOf(sizes)
        : TInt32.vectorOf(Arrays.stream(sizes).mapToInt(size -> (int) size).toArray());
  }

  private static long @Nullable [] values(Tensor tensor) {
    long[] values = new long[(int) tensor.shape().size()];
    int[] i = {0};
    if (tensor instanceof TInt32 ints) {
      ints.scalars().forEach(s -> values[i[0]++] = s.getInt());
    } else if (tensor instanceof TInt64 longs) {
      longs.scalars().forEach(s -> values[i[0]++] = s.getLong());
    } else if (tensor instanceof TBool truths) {
      truths.scalars().forEach(s -> values[i[0]++] = s.getBoolean() ? 1 : 0);
    } else {
      return null;
    }
    return values;
  }
}
