/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Adds nodes to a graph one by one, where {@code Graph.importGraphDef} adds all at once: so any
 * tensor can be replaced on the way, and what is wrong is told with the node's name.
 */
final class NodeBuilder {
  private NodeBuilder() {}

  /** Adds a node whose inputs are there already. */
  static GraphOperation add(Graph graph, NodeDef node, Function<TensorRef, Output<?>> inputs) {
    OpDef definition = Operations.definition(node.getOp());
    GraphOperationBuilder builder =
        graph.opBuilder(node.getOp(), node.getName(), graph.baseScope());
    List<Output<?>> data = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (TensorRef.isControl(input)) {
        builder.addControlInput(graph.operationOrThrow(TensorRef.nodeOf(input)));
      } else {
        data.add(inputs.apply(TensorRef.parse(input)));
      }
    }
    int next = 0;
    for (OpDef.ArgDef argument : definition.getInputArgList()) {
      int width = Operations.width(argument, node, definition);
      if (next + width > data.size()) {
        throw new IllegalArgumentException(
            node.getName() + " must have more inputs, got " + data.size());
      }
      if (Operations.isList(argument)) {
        builder.addInputList(data.subList(next, next + width).toArray(new Output<?>[0]));
      } else {
        builder.addInput(data.get(next));
      }
      next += width;
    }
    if (next < data.size()) {
      throw new IllegalArgumentException(
          node.getName() + " must have " + next + " inputs, got " + data.size());
    }
    node.getAttrMap().forEach(builder::setAttr);
    return builder.build();
  }
}
