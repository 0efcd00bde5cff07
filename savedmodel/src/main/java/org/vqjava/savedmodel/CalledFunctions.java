/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/** The functions that nodes call, and those that these call. */
final class CalledFunctions {
  private CalledFunctions() {}

  static Map<String, FunctionDef> of(Collection<NodeDef> nodes, Map<String, FunctionDef> library) {
    Map<String, FunctionDef> called = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>();
    nodes.forEach(node -> push(node, open));
    while (!open.isEmpty()) {
      FunctionDef function = library.get(open.pop());
      if (function != null && called.put(function.getSignature().getName(), function) == null) {
        function.getNodeDefList().forEach(node -> push(node, open));
      }
    }
    return called;
  }

  private static void push(NodeDef node, Deque<String> open) {
    open.push(node.getOp());
    for (AttrValue attribute : node.getAttrMap().values()) {
      open.push(attribute.getFunc().getName());
      attribute.getList().getFuncList().forEach(function -> open.push(function.getName()));
    }
  }
}
