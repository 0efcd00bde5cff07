/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Reads before writes, where the forward pass writes a variable itself: a state, a moving average,
 * a counter.
 *
 * <p>A read of a plain variable shares its buffer, where that of a resource variable does not. So a
 * variable that is written is read by copy, and each write waits for the reads: without this a
 * stateful LSTM was 5e-5 off. The copy has no gradient in TensorFlow 2.18; where numbers are
 * floating it goes through {@code v − sg(v)}, which is 0, as such a variable may be trained too.
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
        (node.getInputCount() == 1 ? reads : rest).addAll(copies(node));
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

  private static List<NodeDef> copies(NodeDef read) {
    DataType type = read.getAttrOrThrow("T").getType();
    if (type != DataType.DT_FLOAT && type != DataType.DT_DOUBLE) {
      return List.of(read.toBuilder().setOp("DeepCopy").build());
    }
    String name = read.getName();
    NodeDef copy = read.toBuilder().setOp("DeepCopy").setName(name + "/copy").build();
    NodeDef shared = read.toBuilder().setName(name + "/shared").build();
    NodeDef held = node(name + "/held", "StopGradient", read, copy);
    NodeDef fixed = node(name + "/fixed", "StopGradient", read, shared);
    NodeDef zero = node(name + "/zero", "Sub", read, shared, fixed);
    return List.of(copy, shared, held, fixed, zero, node(name, "AddV2", read, held, zero));
  }

  private static NodeDef node(String name, String type, NodeDef read, NodeDef... inputs) {
    NodeDef.Builder node =
        NodeDef.newBuilder().setName(name).setOp(type).putAttr("T", read.getAttrOrThrow("T"));
    for (NodeDef input : inputs) {
      node.addInput(input.getName());
    }
    return node.build();
  }

  private static boolean isReadOf(Set<String> variables, NodeDef node) {
    return node.getOp().equals("Identity")
        && variables.contains(TensorRef.nodeOf(node.getInput(0)));
  }
}
