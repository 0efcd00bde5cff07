/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The variables of a flat graph: {@code VariableV2}, which TensorFlow Java can train and save, each
 * with one read. What is read has no reference type, so that the operations whose gradient ends the
 * process for a reference are safe.
 */
final class FlatVariables {
  private final FlatGraph graph;
  private final Map<String, FlatVariable> variables = new LinkedHashMap<>();
  private final Map<String, String> written = new LinkedHashMap<>();

  FlatVariables(FlatGraph graph) {
    this.graph = graph;
  }

  Collection<FlatVariable> all() {
    return variables.values();
  }

  FlatVariable get(Value.Variable variable) {
    FlatVariable found = variables.get(variable.name());
    if (found == null) {
      throw new IllegalArgumentException("a variable must be declared, got " + variable.name());
    }
    return found;
  }

  Value.Variable declare(String name, NodeDef node) {
    if (!variables.containsKey(name)) {
      TensorShapeProto shape = node.getAttrOrThrow("shape").getShape();
      if (shape.getUnknownRank() || shape.getDimList().stream().anyMatch(d -> d.getSize() < 0)) {
        throw new Refusal("its shape is not known", "create the variable with its shape");
      }
      DataType type = node.getAttrOrThrow("dtype").getType();
      String shared =
          node.getAttrOrDefault("shared_name", node.getAttrOrThrow("dtype")).getS().toStringUtf8();
      variables.put(name, new FlatVariable(name, type, shape, shared.isEmpty() ? name : shared));
      graph.add(
          NodeDef.newBuilder()
              .setName(name)
              .setOp("VariableV2")
              .putAttr("dtype", Attributes.of(type))
              .putAttr("shape", Attributes.of(shape))
              .build());
    }
    return new Value.Variable(name);
  }

  /** The shared read, or one of its own if it has to wait for something. */
  TensorRef read(FlatVariable variable, Set<String> after) {
    if (!after.isEmpty()) {
      return graph.emit(
          variable.name() + "/read_after",
          "Identity",
          List.of(variable.reference()),
          after,
          Map.of("T", Attributes.of(variable.type())));
    }
    if (!graph.nodes().containsKey(variable.read())) {
      graph.add(
          NodeDef.newBuilder()
              .setName(variable.read())
              .setOp("Identity")
              .addInput(variable.name())
              .putAttr("T", Attributes.of(variable.type()))
              .build());
    }
    return new TensorRef(variable.read(), 0);
  }

  /** Says that a node of a function writes the variable. */
  void writes(TensorRef node, FlatVariable variable) {
    written.put(node.node(), variable.name());
  }

  /** Node that writes → variable. */
  Map<String, String> written() {
    return written;
  }
}
