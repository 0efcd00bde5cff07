/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** The nodes that tensors are computed from, functions within functions too. */
final class ReachedNodes {
  private static final Set<String> OLD_CONTROL_FLOW =
      Set.of("Enter", "RefEnter", "Merge", "Switch", "NextIteration", "Exit", "LoopCond");
  private static final Set<String> PYTHON = Set.of("PyFunc", "PyFuncStateless", "EagerPyFunc");
  private static final Set<String> COMPILED = Set.of("XlaCallModule", "XlaLaunch");

  private final Map<String, NodeDef> nodes = new HashMap<>();
  private final Map<String, FunctionDef> functions = new HashMap<>();
  private final Set<String> known =
      TensorFlow.registeredOpList().getOpList().stream()
          .map(OpDef::getName)
          .collect(Collectors.toSet());

  /** Operations by type, and what stands in the way. */
  record Reached(Map<String, Integer> operations, List<Obstacle> obstacles) {}

  ReachedNodes(GraphDef graph) {
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(function -> functions.put(function.getSignature().getName(), function));
  }

  Reached from(List<String> tensors) {
    Map<String, Integer> operations = new TreeMap<>();
    Map<String, Obstacle> obstacles = new TreeMap<>();
    Deque<String> called = new ArrayDeque<>();
    for (NodeDef node : ancestors(tensors)) {
      visit("", node, operations, obstacles, called);
    }
    Set<String> seen = new HashSet<>();
    while (!called.isEmpty()) {
      String name = called.pop();
      FunctionDef function = functions.get(name);
      if (function != null && seen.add(name)) {
        for (NodeDef node : function.getNodeDefList()) {
          visit(name + "/", node, operations, obstacles, called);
        }
      }
    }
    return new Reached(operations, new ArrayList<>(obstacles.values()));
  }

  private List<NodeDef> ancestors(List<String> tensors) {
    List<NodeDef> found = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Deque<String> left = new ArrayDeque<>(tensors);
    while (!left.isEmpty()) {
      String name = left.pop().replaceFirst("^\\^", "").replaceFirst(":.*", "");
      NodeDef node = nodes.get(name);
      if (node != null && seen.add(name)) {
        found.add(node);
        node.getInputList().forEach(left::push);
      }
    }
    return found;
  }

  private void visit(
      String where,
      NodeDef node,
      Map<String, Integer> operations,
      Map<String, Obstacle> obstacles,
      Deque<String> called) {
    String type = node.getOp();
    if (functions.containsKey(type)) {
      called.push(type);
    } else {
      operations.merge(type, 1, Integer::sum);
      obstacle(type, where + node.getName(), obstacles);
    }
    for (AttrValue attribute : node.getAttrMap().values()) {
      if (attribute.hasFunc()) {
        called.push(attribute.getFunc().getName());
      }
      attribute.getList().getFuncList().stream().map(NameAttrList::getName).forEach(called::push);
    }
  }

  private void obstacle(String type, String node, Map<String, Obstacle> obstacles) {
    String reason;
    String remedy;
    if (!known.contains(type)) {
      reason = "this TensorFlow does not know it";
      remedy = "export the model without custom operations, or with TensorFlow 2.18 or older";
    } else if (OLD_CONTROL_FLOW.contains(type)) {
      reason = "control flow of TensorFlow 1 has no gradient here";
      remedy = "convert the model to TensorFlow 2, which writes While and If";
    } else if (PYTHON.contains(type)) {
      reason = "it runs Python code";
      remedy = "replace the Python function by TensorFlow's operations before exporting";
    } else if (COMPILED.contains(type)) {
      reason = "it holds a compiled program, which cannot be differentiated";
      remedy = "export without jit_compile and without native serialization";
    } else if (type.equals("Case")) {
      reason = "which branch is taken depends on data";
      remedy = "export a signature for each branch";
    } else if (type.endsWith("Dataset") || type.startsWith("Iterator")) {
      reason = "it reads data by itself";
      remedy = "export a signature that takes the data as inputs";
    } else if (type.startsWith("ResourceScatter") || type.startsWith("ResourceApply")) {
      reason = "it writes a variable in the forward pass";
      remedy = "export the function for inference";
    } else {
      return;
    }
    obstacles.putIfAbsent(type + " " + node, new Obstacle(type, node, reason, remedy));
  }
}
