/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/**
 * Reads before writes, where the forward pass writes a variable itself: a state, a moving average,
 * a counter.
 *
 * <p>A read of a plain variable shares its buffer, where that of a resource variable does not. So a
 * variable that is written is read by copy, and each write waits for the reads: without this a
 * stateful LSTM was 5e-5 off.
 */
final class WriteOrder {
  private WriteOrder() {}

  /** The nodes in an order in which each comes after its inputs. */
  static List<NodeDef> of(List<NodeDef> nodes, Map<String, String> variableOfWrite) {
    Set<String> written = new HashSet<>();
    Set<String> present = new HashSet<>();
    for (NodeDef node : nodes) {
      present.add(node.getName());
      String variable = variableOfWrite.get(node.getName());
      if (variable != null) {
        written.add(variable);
      }
    }
    List<NodeDef> variables = new ArrayList<>();
    List<NodeDef> reads = new ArrayList<>();
    List<NodeDef> rest = new ArrayList<>();
    for (NodeDef node : nodes) {
      String variable = variableOfWrite.get(node.getName());
      if (node.getOp().equals("VariableV2")) {
        variables.add(node);
      } else if (isReadOf(written, node)) {
        NodeDef copy = node.toBuilder().setOp("DeepCopy").build();
        (node.getInputCount() == 1 ? reads : rest).add(copy);
      } else if (variable != null && present.contains(FlatVariable.readOf(variable))) {
        rest.add(node.toBuilder().addInput("^" + FlatVariable.readOf(variable)).build());
      } else {
        rest.add(node);
      }
    }
    variables.addAll(reads);
    variables.addAll(rest);
    return variables;
  }

  private static boolean isReadOf(Set<String> variables, NodeDef node) {
    return node.getOp().equals("Identity")
        && variables.contains(TensorRef.nodeOf(node.getInput(0)));
  }
}
