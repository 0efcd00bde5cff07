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
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;

/** The nodes that tensors are computed from, functions within functions too. */
final class ReachedNodes {
  private final Map<String, NodeDef> nodes = new HashMap<>();
  private final Map<String, FunctionDef> functions = new HashMap<>();

  ReachedNodes(GraphDef graph) {
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    graph
        .getLibrary()
        .getFunctionList()
        .forEach(function -> functions.put(function.getSignature().getName(), function));
  }

  /** Type of an operation → how often. */
  Map<String, Integer> from(List<String> tensors) {
    Map<String, Integer> operations = new TreeMap<>();
    Deque<String> called = new ArrayDeque<>();
    for (NodeDef node : ancestors(tensors)) {
      visit(node, operations, called);
    }
    Set<String> seen = new HashSet<>();
    while (!called.isEmpty()) {
      String name = called.pop();
      FunctionDef function = functions.get(name);
      if (function != null && seen.add(name)) {
        for (NodeDef node : function.getNodeDefList()) {
          visit(node, operations, called);
        }
      }
    }
    return operations;
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

  private void visit(NodeDef node, Map<String, Integer> operations, Deque<String> called) {
    String type = node.getOp();
    if (functions.containsKey(type)) {
      called.push(type);
    } else {
      operations.merge(type, 1, Integer::sum);
    }
    for (AttrValue attribute : node.getAttrMap().values()) {
      if (attribute.hasFunc()) {
        called.push(attribute.getFunc().getName());
      }
      attribute.getList().getFuncList().stream().map(NameAttrList::getName).forEach(called::push);
    }
  }
}
