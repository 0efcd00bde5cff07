/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** The main graph and the functions of a model, by name. */
final class Source {
  private final MetaGraphDef meta;
  private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
  private final Map<String, FunctionDef> functions = new LinkedHashMap<>();

  Source(MetaGraphDef meta) {
    this.meta = meta;
    meta.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
    meta.getGraphDef()
        .getLibrary()
        .getFunctionList()
        .forEach(function -> functions.put(function.getSignature().getName(), function));
  }

  MetaGraphDef meta() {
    return meta;
  }

  Map<String, NodeDef> nodes() {
    return nodes;
  }

  /** Whether a node of the main graph is handed to a function. */
  boolean isHandedOn(String node) {
    return nodes.values().stream()
        .filter(user -> user.getOp().endsWith("PartitionedCall"))
        .flatMap(user -> user.getInputList().stream())
        .anyMatch(input -> !TensorRef.isControl(input) && TensorRef.nodeOf(input).equals(node));
  }

  Map<String, FunctionDef> functions() {
    return functions;
  }

  /**
   * Gives a placeholder that says nothing of its shape the one that the signature says: kernels are
   * not all prepared for another rank, and one of TensorFlow 2.18 ends the process.
   */
  void completeShape(TensorInfo input) {
    String name = TensorRef.nodeOf(input.getName());
    NodeDef node = nodes.get(name);
    if (node != null
        && (!node.containsAttr("shape") || node.getAttrOrThrow("shape").getShape().getUnknownRank())
        && !input.getTensorShape().getUnknownRank()) {
      fixShape(name, input.getTensorShape());
    }
  }

  /** What is not fed is its default: {@code is_training} of TensorFlow 1, say. */
  void takeDefaultsBut(Set<String> fed) {
    nodes.replaceAll(
        (name, node) ->
            node.getOp().equals("PlaceholderWithDefault") && !fed.contains(name)
                ? NodeDef.newBuilder()
                    .setName(name)
                    .setOp("Identity")
                    .addAllInput(node.getInputList())
                    .putAttr("T", node.getAttrOrDefault("dtype", AttrValue.getDefaultInstance()))
                    .build()
                : node);
  }

  /** Gives a placeholder of the main graph a shape. */
  void fixShape(String node, TensorShapeProto shape) {
    nodes.computeIfPresent(
        node, (name, n) -> n.toBuilder().putAttr("shape", Attributes.of(shape)).build());
  }

  /** Begins a flat graph in which the variables keep their names, whatever else has the same. */
  Inliner inliner() {
    FlatGraph graph = new FlatGraph(functions);
    for (NodeDef node : nodes.values()) {
      if (ModelDescription.VARIABLES.contains(node.getOp())) {
        graph.reserve(node.getName());
        graph.reserve(FlatVariable.readOf(node.getName()));
      }
    }
    return new Inliner(graph, functions, Lowerings.byType());
  }

  Frame mainGraph() {
    return Frame.ofMainGraph(nodes);
  }
}
