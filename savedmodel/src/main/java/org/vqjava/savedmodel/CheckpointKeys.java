/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/**
 * Under which keys the checkpoint holds the variables.
 *
 * <p>Read off the operation by which the model restores itself: exact, whatever the names are, and
 * the same for TensorFlow 1 and 2.
 */
final class CheckpointKeys {
  private CheckpointKeys() {}

  /** Variable → key; nothing of variables that are saved in parts. */
  static Map<String, String> ofWholes(Source source) {
    return of(source, false);
  }

  /** Variable → key; refuses variables that are saved in parts. */
  static Map<String, String> of(Source source) {
    return of(source, true);
  }

  private static Map<String, String> of(Source source, boolean refuseParts) {
    String restore = TensorRef.nodeOf(source.meta().getSaverDef().getRestoreOpName());
    Map<String, String> keys = new LinkedHashMap<>();
    if (restore.isEmpty() || !source.nodes().containsKey(restore)) {
      return keys;
    }
    Inliner inliner = source.inliner();
    try (FlatGraph graph = inliner.graph()) {
      Frame main = source.mainGraph();
      inliner.run(main, List.of(restore));
      Set<String> names = new LinkedHashSet<>();
      inliner.variables().all().forEach(variable -> names.add(variable.name()));
      for (NodeDef node : graph.nodes().values()) {
        if (node.getOp().equals("Assign") && names.contains(node.getInput(0))) {
          key(graph, node, refuseParts).ifPresent(key -> keys.put(node.getInput(0), key));
        }
      }
    }
    return keys;
  }

  private static Optional<String> key(FlatGraph graph, NodeDef assign, boolean refuseParts) {
    TensorRef value = TensorRef.parse(assign.getInput(1));
    NodeDef from = graph.node(value.node());
    while (from.getOp().equals("Identity") || from.getOp().equals("Reshape")) {
      value = TensorRef.parse(from.getInput(0));
      from = graph.node(value.node());
    }
    if (!from.getOp().equals("RestoreV2")) {
      return Optional.empty();
    }
    String slice = text(graph, from, 2, value.index());
    if (!slice.isEmpty() && !refuseParts) {
      return Optional.empty();
    }
    if (!slice.isEmpty()) {
      throw new IllegalArgumentException(
          "variable "
              + assign.getInput(0)
              + " must be saved as a whole, got the part "
              + slice
              + ": save the model without partitioners");
    }
    return Optional.of(text(graph, from, 1, value.index()));
  }

  /** An input of a restore is a vector of texts, in which equal ends may be written once. */
  private static String text(FlatGraph graph, NodeDef restore, int input, int index) {
    NodeDef texts = graph.node(TensorRef.nodeOf(restore.getInput(input)));
    while (texts.getOp().equals("Identity")) {
      texts = graph.node(TensorRef.nodeOf(texts.getInput(0)));
    }
    if (texts.getOp().equals("ZerosLike")) {
      return ""; // as TensorFlow Java writes that nothing is a part of something
    }
    if (texts.getOp().equals("Pack") && index < texts.getInputCount()) {
      texts = graph.node(TensorRef.nodeOf(texts.getInput(index)));
    }
    List<String> all =
        ConstantTexts.of(
            texts.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor());
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          restore.getName() + " must restore constant keys, got those of " + texts.getOp());
    }
    return all.get(Math.min(index, all.size() - 1));
  }

  /** Object of the model → key. */
  static Map<Integer, String> byObject(ModelObjects objects, Set<String> keys) {
    Map<Integer, String> byObject = new HashMap<>();
    keys.forEach(key -> objects.ofKey(key).ifPresent(id -> byObject.put(id, key)));
    return byObject;
  }
}
