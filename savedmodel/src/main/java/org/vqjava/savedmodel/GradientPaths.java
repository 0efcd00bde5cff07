/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** Operations by which a gradient would have to go from outputs to variables, and cannot. */
final class GradientPaths {
  private static final Set<DataType> FLOATING =
      Set.of(
          DataType.DT_FLOAT,
          DataType.DT_DOUBLE,
          DataType.DT_HALF,
          DataType.DT_BFLOAT16,
          DataType.DT_COMPLEX64,
          DataType.DT_COMPLEX128,
          DataType.DT_VARIANT);

  private final FlatGraph graph;
  private final Map<String, Boolean> hasGradient = new HashMap<>();

  GradientPaths(FlatGraph graph) {
    this.graph = graph;
  }

  /** Node → type of those without a gradient between the variables and an output. */
  Map<String, String> blockedBy(TensorRef output, Collection<String> variables) {
    Map<String, String> blocked = new LinkedHashMap<>();
    if (!FLOATING.contains(graph.type(output))) {
      return blocked;
    }
    Set<String> backwards = backwards(output);
    Set<String> forwards = forwards(variables, backwards);
    for (String name : backwards) {
      String type = graph.node(name).getOp();
      if (forwards.contains(name) && !hasGradient(type)) {
        blocked.put(name, type);
      }
    }
    return blocked;
  }

  /** Whether an output depends on one of the variables by floating-point numbers. */
  boolean depends(TensorRef output, Collection<String> variables) {
    return FLOATING.contains(graph.type(output))
        && backwards(output).stream().anyMatch(variables::contains);
  }

  private boolean hasGradient(String type) {
    return hasGradient.computeIfAbsent(
        type, t -> t.equals("VariableV2") || Operations.hasGradient(t));
  }

  private Set<String> backwards(TensorRef output) {
    Set<String> found = new LinkedHashSet<>(Set.of(output.node()));
    Deque<String> open = new ArrayDeque<>(found);
    while (!open.isEmpty()) {
      NodeDef node = graph.node(open.pop());
      if (node.getOp().equals("StopGradient")) {
        continue;
      }
      for (String input : node.getInputList()) {
        if (!TensorRef.isControl(input)
            && FLOATING.contains(graph.type(TensorRef.parse(input)))
            && found.add(TensorRef.nodeOf(input))) {
          open.push(TensorRef.nodeOf(input));
        }
      }
    }
    return found;
  }

  /** The nodes come after their inputs in the graph. */
  private Set<String> forwards(Collection<String> variables, Set<String> backwards) {
    Set<String> found = new HashSet<>(variables);
    for (NodeDef node : graph.nodes().values()) {
      List<String> inputs = node.getInputList();
      if (backwards.contains(node.getName())
          && !node.getOp().equals("StopGradient")
          && inputs.stream().anyMatch(i -> found.contains(TensorRef.nodeOf(i)))) {
        found.add(node.getName());
      }
    }
    return found;
  }
}
