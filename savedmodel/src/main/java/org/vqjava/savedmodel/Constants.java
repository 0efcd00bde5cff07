/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/**
 * Values of whole numbers and truth values that follow from constants and from shapes that are
 * known: whether a loop goes on, which branch is taken, which element of a list is meant.
 */
final class Constants {
  /** Loops ask step by step, so that what is asked for is near what is known already. */
  private static final int DEEPEST = 100;

  private final FlatGraph graph;
  private final SizeArithmetic arithmetic;
  private final Map<TensorRef, Optional<List<OptionalLong>>> known = new HashMap<>();
  private int depth;

  Constants(FlatGraph graph) {
    this.graph = graph;
    this.arithmetic = new SizeArithmetic(graph, this);
  }

  /** A truth value, where it is known: 1 or 0; of a number, whether it is not 0. */
  OptionalLong truth(Value value) {
    OptionalLong number = number(value);
    return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() == 0 ? 0 : 1);
  }

  /** A single number, where it is known. */
  OptionalLong number(Value value) {
    return value instanceof TensorRef tensor
        ? partly(tensor).filter(v -> v.size() == 1).map(v -> v.get(0)).orElse(OptionalLong.empty())
        : OptionalLong.empty();
  }

  /** All numbers of a tensor, where all are known. */
  Optional<List<Long>> all(TensorRef tensor) {
    return partly(tensor)
        .filter(numbers -> numbers.stream().allMatch(OptionalLong::isPresent))
        .map(numbers -> numbers.stream().map(OptionalLong::getAsLong).toList());
  }

  /** The numbers of a tensor, each where it is known; nothing where not even their count is. */
  Optional<List<OptionalLong>> partly(TensorRef tensor) {
    Optional<List<OptionalLong>> found = known.get(tensor);
    if (found == null) {
      if (depth == DEEPEST) {
        return Optional.empty();
      }
      depth++;
      try {
        OptionalLong folded = fold(tensor);
        found = folded.isPresent() ? Optional.of(List.of(folded)) : arithmetic.partly(tensor);
      } finally {
        depth--;
      }
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
    if (!ScalarArithmetic.has(node.getOp())) {
      return OptionalLong.empty();
    }
    List<Long> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (TensorRef.isControl(input)) {
        continue;
      }
      TensorRef from = TensorRef.parse(input);
      OptionalLong number = graph.shape(from).isScalar() ? number(from) : OptionalLong.empty();
      if (number.isEmpty()) {
        return number;
      }
      inputs.add(number.getAsLong());
    }
    OptionalLong result = ScalarArithmetic.apply(node.getOp(), inputs);
    return graph.type(tensor) == DataType.DT_INT32 && result.isPresent()
        ? OptionalLong.of(wrapped(result.getAsLong()))
        : result;
  }

  /** As int32 overflows in TensorFlow. */
  private static long wrapped(long number) {
    int low = (int) number;
    return low;
  }

  private static OptionalLong scalar(TensorProto tensor) {
    if (tensor.getTensorShape().getDimCount() == 0) {
      if (tensor.getDtype() == DataType.DT_INT32 && tensor.getIntValCount() == 1) {
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
}
