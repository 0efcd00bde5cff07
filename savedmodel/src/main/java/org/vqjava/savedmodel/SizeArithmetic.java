/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Numbers that are computed from sizes of which some are not known.
 *
 * <p>Unknown numbers are tried as random ones, each by itself. What is moved, added and multiplied
 * is a polynomial of them: it does not depend on them if it is the same in all tries (Schwartz and
 * Zippel: but for a chance of about 10⁻¹², and the numbers are the same each time). All else, such
 * as comparing, dividing and choosing, may hide what it depends on, and is computed only where all
 * that it is given is known; what it gives is another unknown number otherwise.
 */
final class SizeArithmetic {
  private static final int TRIES = 3;
  private static final int TRIED_BELOW = 1 << 20;
  private static final long MOST_ELEMENTS = 1 << 16;

  /** These move the numbers of their first input. */
  private static final Set<String> FIRST_MOVED =
      Set.of(
          "Identity",
          "StopGradient",
          "StridedSlice",
          "Slice",
          "GatherV2",
          "Reshape",
          "ExpandDims",
          "Squeeze",
          "ReverseV2",
          "Unpack",
          "SplitV",
          "Neg",
          "Prod",
          "Sum");

  /** These move, add or multiply the numbers of all inputs. */
  private static final Set<String> ALL_MOVED =
      Set.of("Pack", "ConcatV2", "Add", "AddV2", "Sub", "Mul");

  /** These are computed where all is known; nothing else of a model is ever run. */
  private static final Set<String> OF_KNOWN =
      Set.of(
          "Split",
          "Cast",
          "Max",
          "Min",
          "All",
          "Any",
          "Range",
          "Fill",
          "FloorDiv",
          "FloorMod",
          "Mod",
          "RealDiv",
          "Maximum",
          "Minimum",
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
          "Ceil",
          "Floor",
          "Tile",
          "BroadcastArgs",
          "InvertPermutation");

  private static final Set<DataType> WHOLE = Set.of(DataType.DT_INT32, DataType.DT_INT64);
  private static final Set<DataType> FETCHED =
      Set.of(DataType.DT_INT32, DataType.DT_INT64, DataType.DT_BOOL);

  private final FlatGraph graph;
  private final Constants constants;

  SizeArithmetic(FlatGraph graph, Constants constants) {
    this.graph = graph;
    this.constants = constants;
  }

  /** The numbers of a tensor, each where it is known; nothing where not even their count is. */
  Optional<List<OptionalLong>> partly(TensorRef tensor) {
    if (FETCHED.contains(graph.type(tensor))) {
      Map<TensorRef, List<OptionalLong>> sources = new LinkedHashMap<>();
      return collect(tensor, sources) ? tried(tensor, sources) : Optional.empty();
    }
    return Optional.empty();
  }

  /** Finds what is fed for a tensor to be computed; false if a shape of that is not known. */
  private boolean collect(TensorRef wanted, Map<TensorRef, List<OptionalLong>> sources) {
    Set<TensorRef> seen = new HashSet<>(Set.of(wanted));
    Deque<TensorRef> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      TensorRef tensor = open.pop();
      NodeDef node = graph.node(tensor.node());
      Optional<List<TensorRef>> moved = moved(node, sources);
      if (moved.isPresent()) {
        moved.get().stream().filter(seen::add).forEach(open::push);
        continue;
      }
      Optional<List<OptionalLong>> source = source(tensor, node);
      if (source.isEmpty() || !FETCHED.contains(graph.type(tensor))) {
        return false;
      }
      sources.put(tensor, source.get());
    }
    return true;
  }

  /** The inputs whose numbers may be unknown, if the node can be computed; the others are fed. */
  private Optional<List<TensorRef>> moved(
      NodeDef node, Map<TensorRef, List<OptionalLong>> sources) {
    String type = node.getOp();
    boolean computed =
        type.equals("Const")
            || FIRST_MOVED.contains(type)
            || ALL_MOVED.contains(type)
            || OF_KNOWN.contains(type);
    if (!computed || isLarge(node)) {
      return Optional.empty();
    }
    List<TensorRef> moved = new ArrayList<>();
    Map<TensorRef, List<OptionalLong>> fed = new LinkedHashMap<>();
    for (int i = 0; i < node.getInputCount(); i++) {
      if (TensorRef.isControl(node.getInput(i))) {
        return Optional.empty();
      }
      TensorRef input = TensorRef.parse(node.getInput(i));
      if (isMoved(node, i)) {
        moved.add(input);
      } else if (!graph.node(input.node()).getOp().equals("Const")) {
        Optional<List<OptionalLong>> numbers = constants.partly(input);
        if (numbers.isEmpty() || constants.all(input).isEmpty()) {
          return Optional.empty();
        }
        fed.put(input, numbers.get());
      }
    }
    sources.putAll(fed);
    return Optional.of(moved);
  }

  private static boolean isMoved(NodeDef node, int input) {
    String type = node.getOp();
    if (type.equals("Cast")) {
      return WHOLE.contains(node.getAttrOrThrow("SrcT").getType())
          && WHOLE.contains(node.getAttrOrThrow("DstT").getType());
    }
    return ALL_MOVED.contains(type) || (input == 0 && FIRST_MOVED.contains(type));
  }

  private boolean isLarge(NodeDef node) {
    Shape shape = graph.shape(new TensorRef(node.getName(), 0));
    return !shape.hasUnknownDimension() && shape.size() > MOST_ELEMENTS;
  }

  private Optional<List<OptionalLong>> source(TensorRef tensor, NodeDef node) {
    if (!Set.of("Shape", "Size", "Rank").contains(node.getOp())) {
      return unknown(graph.shape(tensor));
    }
    Shape shape = graph.shape(TensorRef.parse(node.getInput(0)));
    if (shape.isUnknown()) {
      return unknown(graph.shape(tensor));
    }
    return Optional.of(
        switch (node.getOp()) {
          case "Shape" -> Arrays.stream(shape.asArray()).mapToObj(SizeArithmetic::size).toList();
          case "Size" -> List.of(size(shape.hasUnknownDimension() ? -1 : shape.size()));
          default -> List.of(OptionalLong.of(shape.numDimensions()));
        });
  }

  private static OptionalLong size(long size) {
    return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
  }

  private static Optional<List<OptionalLong>> unknown(Shape shape) {
    return shape.hasUnknownDimension() || shape.size() > MOST_ELEMENTS
        ? Optional.empty()
        : Optional.of(Collections.nCopies((int) shape.size(), OptionalLong.empty()));
  }

  private Optional<List<OptionalLong>> tried(
      TensorRef tensor, Map<TensorRef, List<OptionalLong>> sources) {
    List<OptionalLong> itself = sources.get(tensor);
    if (itself != null) {
      return Optional.of(itself);
    }
    boolean known =
        sources.values().stream().flatMap(List::stream).allMatch(OptionalLong::isPresent);
    List<long[]> tries = new ArrayList<>();
    // In a graph of its own: a session prunes and optimizes all of its graph for each fetch.
    try (Graph small = new Graph();
        Session session = new Session(small)) {
      Map<TensorRef, Output<?>> copied = copy(small, tensor, sources.keySet());
      for (int i = 0; i < (known ? 1 : TRIES); i++) {
        long[] values = run(session, copied, tensor, sources, i);
        if (values == null || values.length != (tries.isEmpty() ? values : tries.get(0)).length) {
          return Optional.empty();
        }
        tries.add(values);
      }
    }
    List<OptionalLong> agreed = new ArrayList<>();
    for (int i = 0; i < tries.get(0).length; i++) {
      int index = i;
      long[] distinct = tries.stream().mapToLong(values -> values[index]).distinct().toArray();
      agreed.add(distinct.length == 1 ? OptionalLong.of(distinct[0]) : OptionalLong.empty());
    }
    return Optional.of(agreed);
  }

  /** What a tensor is computed from, with placeholders for what is fed. */
  private Map<TensorRef, Output<?>> copy(Graph small, TensorRef wanted, Set<TensorRef> fed) {
    Map<TensorRef, Output<?>> copied = new HashMap<>();
    for (TensorRef source : fed) {
      copied.put(
          source,
          small
              .opBuilder("Placeholder", "fed_" + copied.size(), small.baseScope())
              .setAttr("dtype", graph.type(source))
              .build()
              .output(0));
    }
    Deque<TensorRef> open = new ArrayDeque<>(Set.of(wanted));
    while (!open.isEmpty()) {
      TensorRef tensor = open.peek();
      List<TensorRef> missing = new ArrayList<>();
      if (!copied.containsKey(tensor)) {
        for (TensorRef input : dataInputs(graph.node(tensor.node()))) {
          if (!copied.containsKey(input)) {
            missing.add(input);
          }
        }
        if (missing.isEmpty()) {
          copyNode(small, graph.node(tensor.node()), copied);
        }
      }
      if (missing.isEmpty()) {
        open.pop();
      } else {
        missing.forEach(open::push);
      }
    }
    return copied;
  }

  private static List<TensorRef> dataInputs(NodeDef node) {
    return node.getInputList().stream()
        .filter(input -> !TensorRef.isControl(input))
        .map(TensorRef::parse)
        .toList();
  }

  private static void copyNode(Graph small, NodeDef node, Map<TensorRef, Output<?>> copied) {
    NodeDef.Builder copy = node.toBuilder().setName("copy_" + copied.size()).clearInput();
    dataInputs(node).forEach(input -> copy.addInput(input.toString()));
    GraphOperation made =
        NodeBuilder.add(
            small, copy.build(), input -> Objects.requireNonNull(copied.get(input), "input"));
    for (int i = 0; i < made.numOutputs(); i++) {
      copied.putIfAbsent(new TensorRef(node.getName(), i), made.output(i));
    }
  }

  private long @Nullable [] run(
      Session session,
      Map<TensorRef, Output<?>> copied,
      TensorRef tensor,
      Map<TensorRef, List<OptionalLong>> sources,
      int tried) {
    Random random = new Random(tried);
    List<Tensor> fed = new ArrayList<>();
    try {
      Session.Runner runner = session.runner().fetch(copied.get(tensor));
      sources.forEach(
          (source, numbers) -> {
            Tensor given = tensor(source, numbers, random, tried);
            fed.add(given);
            runner.feed(copied.get(source), given);
          });
      try (Result result = runner.run()) {
        return values(result.get(0));
      }
    } catch (RuntimeException e) {
      // what was tried does not fit: nothing is known
      return null;
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  private Tensor tensor(TensorRef source, List<OptionalLong> numbers, Random random, int tried) {
    Shape said = graph.shape(source);
    Shape shape = said.hasUnknownDimension() ? Shape.of(numbers.size()) : said;
    DataType type = graph.type(source);
    // truth values are only moved: that both are tried is enough
    long[] values =
        numbers.stream()
            .mapToLong(
                n ->
                    n.orElseGet(
                        () -> type == DataType.DT_BOOL ? tried % 2 : random.nextInt(TRIED_BELOW)))
            .toArray();
    return switch (type) {
      case DT_INT64 -> TInt64.tensorOf(shape, DataBuffers.of(values));
      case DT_INT32 ->
          TInt32.tensorOf(
              shape, DataBuffers.of(LongStream.of(values).mapToInt(v -> (int) v).toArray()));
      default ->
          TBool.tensorOf(
              shape,
              data -> {
                PrimitiveIterator.OfLong all = LongStream.of(values).iterator();
                data.scalars().forEach(s -> s.setBoolean(all.nextLong() == 1));
              });
    };
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
