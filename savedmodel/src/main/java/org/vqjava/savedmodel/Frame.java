/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** One call of a function, or the main graph: what its nodes came to. */
final class Frame {
  private final @Nullable FunctionDef function;
  private final Map<String, NodeDef> nodes;
  private final String prefix;
  private final Map<String, Value> arguments;
  private final Map<String, AttrValue> attributes;
  private final Set<String> before;
  private final Map<String, Value[]> results = new HashMap<>();
  private final Map<String, Set<String>> effects = new HashMap<>();
  private final Set<String> blocked = new HashSet<>();

  private Frame(
      @Nullable FunctionDef function,
      Map<String, NodeDef> nodes,
      String prefix,
      Map<String, Value> arguments,
      Map<String, AttrValue> attributes,
      Set<String> before) {
    this.function = function;
    this.nodes = nodes;
    this.prefix = prefix;
    this.arguments = arguments;
    this.attributes = attributes;
    this.before = before;
  }

  static Frame ofMainGraph(Map<String, NodeDef> nodes) {
    return new Frame(null, nodes, "", Map.of(), Map.of(), Set.of());
  }

  /**
   * The names of the nodes of the call begin with the prefix; the effects before it are over when
   * it begins.
   */
  static Frame ofCall(
      FunctionDef function,
      String prefix,
      List<Value> inputs,
      Map<String, AttrValue> attributes,
      Set<String> before) {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    function.getNodeDefList().forEach(node -> nodes.put(node.getName(), node));
    List<OpDef.ArgDef> parameters = function.getSignature().getInputArgList();
    String name = function.getSignature().getName();
    if (parameters.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "function " + name + " must have " + inputs.size() + " inputs, got " + parameters.size());
    }
    Map<String, Value> arguments = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (Operations.isList(parameters.get(i))) {
        throw new IllegalArgumentException("function " + name + " must have no list as an input");
      }
      arguments.put(parameters.get(i).getName(), inputs.get(i));
    }
    return new Frame(function, nodes, prefix, arguments, attributes, before);
  }

  boolean isMainGraph() {
    return function == null;
  }

  boolean has(String node) {
    return nodes.containsKey(node);
  }

  boolean isDone(String node) {
    return results.containsKey(node) || blocked.contains(node);
  }

  /** The node with the attributes that its function was called with. */
  NodeDef node(String name) {
    NodeDef node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("a node must be in its graph, got " + name);
    }
    NodeDef.Builder changed = null;
    for (Map.Entry<String, AttrValue> attribute : node.getAttrMap().entrySet()) {
      if (attribute.getValue().getValueCase() == AttrValue.ValueCase.PLACEHOLDER) {
        String placeholder = attribute.getValue().getPlaceholder();
        AttrValue value = attributes.get(placeholder);
        if (value == null) {
          throw new IllegalArgumentException(
              name + " must be called with an attribute " + placeholder);
        }
        changed = (changed == null ? node.toBuilder() : changed).putAttr(attribute.getKey(), value);
      }
    }
    return changed == null ? node : changed.build();
  }

  /** For people: where the node is. */
  String place(String node) {
    return (function == null ? "" : function.getSignature().getName() + "/") + node;
  }

  /** The node's name in the flat graph. */
  String flatName(String node) {
    return prefix + node;
  }

  void done(String node, Value[] values, Set<String> itsEffects) {
    results.put(node, values);
    if (!itsEffects.isEmpty()) {
      effects.put(node, itsEffects);
    }
  }

  /** Nothing can be said of the node's outputs. */
  void block(String node) {
    blocked.add(node);
  }

  boolean isBlocked(String node) {
    return blocked.contains(node);
  }

  /** The side effects that the node and what it is computed from have. */
  Set<String> effects(String node) {
    return effects.getOrDefault(node, Set.of());
  }

  /** The effects that were over when the call began. */
  Set<String> before() {
    return before;
  }

  /** The flat nodes by which the node's outputs are computed. */
  Set<String> flatNodes(String node) {
    Set<String> flat = new LinkedHashSet<>();
    for (Value value : results.getOrDefault(node, new Value[0])) {
      if (value instanceof TensorRef tensor) {
        flat.add(tensor.node());
      }
    }
    return flat;
  }

  /** What an input stands for: {@code node:1} here, {@code node:argument:1} in functions. */
  Value value(String input, Map<String, FunctionDef> functions) {
    String node = TensorRef.nodeOf(input);
    Value argument = arguments.get(node);
    if (argument != null && !nodes.containsKey(node)) {
      return argument;
    }
    if (blocked.contains(node)) {
      return new Value.Unknown();
    }
    Value[] values = results.get(node);
    if (values == null) {
      throw new IllegalArgumentException("an input must be in its graph, got " + input);
    }
    int index = isMainGraph() ? TensorRef.parse(input).index() : outputIndex(input, functions);
    if (index >= values.length) {
      throw new IllegalArgumentException(
          node + " must have the output " + input + ", got " + values.length + " outputs");
    }
    return values[index];
  }

  private int outputIndex(String input, Map<String, FunctionDef> functions) {
    String[] parts = input.split(":", -1);
    if (parts.length < 2) {
      throw new IllegalArgumentException("an input must be named node:argument, got " + input);
    }
    NodeDef node = node(parts[0]);
    FunctionDef called = functions.get(node.getOp());
    OpDef definition = called == null ? Operations.definition(node.getOp()) : called.getSignature();
    int index = parts.length > 2 ? TensorRef.parse("_:" + parts[2]).index() : 0;
    return Operations.outputIndex(node, definition, parts[1], index);
  }
}
