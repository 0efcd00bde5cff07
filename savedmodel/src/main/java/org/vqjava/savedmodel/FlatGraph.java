/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * A graph without functions in the making. Each node is also built in a graph of TensorFlow, which
 * checks it and infers shapes and types.
 */
final class FlatGraph implements AutoCloseable {
  /** MobileNetV2 has 688, an LSTM unrolled 200 times 3,000. */
  private static final int MOST_NODES = 200_000;

  private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> suffixes = new HashMap<>();
  private final Map<String, FunctionDef> library;
  private final Map<String, FunctionDef> used = new LinkedHashMap<>();
  private final Graph scratch = new Graph();

  /** The library is that of the model, for operations that call functions and are kept. */
  FlatGraph(Map<String, FunctionDef> library) {
    this.library = library;
  }

  /** Keeps a name for a node that is added by {@link #add}. */
  void reserve(String name) {
    names.add(name);
  }

  /** Adds a node under the name, or the name with a number if it is taken. */
  TensorRef emit(
      String name,
      String type,
      List<TensorRef> inputs,
      Collection<String> after,
      Map<String, AttrValue> attributes) {
    NodeDef.Builder node =
        NodeDef.newBuilder().setName(unique(name)).setOp(type).putAllAttr(attributes);
    inputs.forEach(input -> node.addInput(input.toString()));
    after.forEach(effect -> node.addInput("^" + effect));
    return add(node.build());
  }

  private String unique(String name) {
    String unique = name;
    while (!names.add(unique)) {
      unique = name + "_" + suffixes.merge(name, 1, Integer::sum);
    }
    return unique;
  }

  /** Adds a node under its own name. */
  TensorRef add(NodeDef node) {
    if (nodes.size() == MOST_NODES) {
      throw new IllegalArgumentException(
          "the flat graph must have at most " + MOST_NODES + " nodes");
    }
    Attributes.check(node);
    CalledSignatures.check(node, library);
    use(node);
    NodeBuilder.add(scratch, node, this::output);
    nodes.put(node.getName(), node);
    return new TensorRef(node.getName(), 0);
  }

  private void use(NodeDef node) {
    Map<String, FunctionDef> more = CalledFunctions.of(List.of(node), library);
    more.keySet().removeAll(used.keySet());
    if (!more.isEmpty()) {
      for (FunctionDef function : more.values()) {
        for (NodeDef inner : function.getNodeDefList()) {
          Attributes.check(inner);
          CalledSignatures.check(inner, library);
        }
      }
      scratch.importGraphDef(
          GraphDef.newBuilder()
              .setLibrary(FunctionDefLibrary.newBuilder().addAllFunction(more.values()))
              .build());
      used.putAll(more);
    }
  }

  /** The functions that nodes call, and those that these call. */
  Collection<FunctionDef> functions(Collection<NodeDef> callers) {
    return CalledFunctions.of(callers, library).values();
  }

  Map<String, NodeDef> nodes() {
    return nodes;
  }

  NodeDef node(String name) {
    NodeDef node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("a node must be in the flat graph, got " + name);
    }
    return node;
  }

  Output<?> output(TensorRef tensor) {
    var operation = scratch.operationOrThrow(tensor.node());
    if (tensor.index() >= operation.numOutputs()) {
      throw new IllegalArgumentException(
          tensor.node() + " must have an output " + tensor.index() + ", got " + operation.type());
    }
    return operation.output(tensor.index());
  }

  Shape shape(TensorRef tensor) {
    return output(tensor).shape();
  }

  /** The type of a tensor; that of its value for a variable. */
  DataType type(TensorRef tensor) {
    return Types.valueType(output(tensor).dataType());
  }

  /** What some nodes are computed from, by data and by control. */
  Set<String> ancestors(Collection<String> roots) {
    Set<String> found = new HashSet<>(roots);
    Deque<String> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      for (String input : node(open.pop()).getInputList()) {
        String name = TensorRef.nodeOf(input);
        if (found.add(name)) {
          open.push(name);
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    scratch.close();
  }
}
