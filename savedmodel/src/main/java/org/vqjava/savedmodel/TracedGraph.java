/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** The main graph, or a function that is called, and what is known of its tensors. */
final class TracedGraph {
  private final Map<String, FunctionDef> functions;
  private final Map<String, NodeDef> nodes;
  private final boolean main;

  /** One for each output, or one for all of them. */
  private final Map<String, List<Traced>> values = new HashMap<>();

  private TracedGraph(
      Map<String, FunctionDef> functions, Map<String, NodeDef> nodes, boolean main) {
    this.functions = functions;
    this.nodes = nodes;
    this.main = main;
  }

  static TracedGraph ofMainGraph(Map<String, FunctionDef> functions, Map<String, NodeDef> nodes) {
    return new TracedGraph(functions, nodes, true);
  }

  /** The arguments are as many as the function takes. */
  static TracedGraph ofFunction(
      Map<String, FunctionDef> functions, FunctionDef function, List<Traced> arguments) {
    Map<String, NodeDef> nodes = new LinkedHashMap<>();
    function.getNodeDefList().forEach(node -> nodes.put(node.getName(), node));
    TracedGraph graph = new TracedGraph(functions, nodes, false);
    for (int i = 0; i < arguments.size(); i++) {
      graph.put(function.getSignature().getInputArg(i).getName(), List.of(arguments.get(i)));
    }
    return graph;
  }

  boolean isMain() {
    return main;
  }

  /** What some tensors are computed from, each after what it needs: but for loops. */
  List<NodeDef> ordered(Collection<String> wanted) {
    Map<String, NodeDef> ordered = new LinkedHashMap<>();
    Set<String> entered = new HashSet<>();
    Deque<String> stack = new ArrayDeque<>();
    for (String root : wanted) {
      stack.push(TensorRef.nodeOf(root));
      while (!stack.isEmpty()) {
        String name = stack.peek();
        NodeDef node = nodes.get(name);
        if (node == null || ordered.containsKey(name)) {
          stack.pop();
        } else if (entered.add(name)) {
          for (int i = node.getInputCount() - 1; i >= 0; i--) {
            String input = TensorRef.nodeOf(node.getInput(i));
            if (!entered.contains(input)) {
              stack.push(input);
            }
          }
        } else {
          ordered.put(name, node);
          stack.pop();
        }
      }
    }
    return List.copyOf(ordered.values());
  }

  /** Whether a node comes before one that it needs. */
  boolean loops(List<NodeDef> ordered) {
    Set<String> before = new HashSet<>();
    for (NodeDef node : ordered) {
      for (String input : node.getInputList()) {
        String name = TensorRef.nodeOf(input);
        if (nodes.containsKey(name) && !before.contains(name)) {
          return true;
        }
      }
      before.add(node.getName());
    }
    return false;
  }

  /** Tells whether that is new. */
  boolean put(String node, List<Traced> outputs) {
    return !outputs.equals(values.put(node, outputs));
  }

  /** What a node is given; nothing of what a loop has not come to yet. */
  List<Traced> inputs(NodeDef node) {
    List<Traced> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      if (!TensorRef.isControl(input)) {
        boolean open = nodes.containsKey(TensorRef.nodeOf(input)) && !isKnown(input);
        if (!open || !node.getOp().endsWith("Merge")) {
          inputs.add(open ? Traced.NOTHING : get(input));
        }
      }
    }
    return List.copyOf(inputs);
  }

  private boolean isKnown(String input) {
    return values.containsKey(TensorRef.nodeOf(input));
  }

  /** A tensor, by its name in this graph; data if there is none. */
  Traced get(String tensor) {
    List<Traced> outputs = values.getOrDefault(TensorRef.nodeOf(tensor), List.of());
    int index = outputs.size() < 2 ? 0 : index(tensor);
    return index < outputs.size() ? outputs.get(index) : Traced.DATA;
  }

  /** {@code node:1} in the main graph, {@code node:argument:1} in functions. */
  private int index(String tensor) {
    String[] parts = tensor.split(":", -1);
    int index = parts.length == 1 ? 0 : number(parts[parts.length - 1]);
    NodeDef node = nodes.get(parts[0]);
    FunctionDef called = node == null ? null : functions.get(node.getOp());
    if (called != null && parts.length == 3) {
      List<String> names =
          called.getSignature().getOutputArgList().stream().map(OpDef.ArgDef::getName).toList();
      return Math.max(0, names.indexOf(parts[1])) + index;
    }
    return index;
  }

  private static int number(String text) {
    try {
      return Math.max(0, Integer.parseInt(text));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
