/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * The variables of a model that its checkpoint holds, as a flat graph of nothing else.
 *
 * @param flat variables and a read of each
 * @param variables in the order of the main graph
 * @param leftOut what the checkpoint does not hold as it is
 * @param uses what computes with them
 * @param tensors the reads of float32
 */
record StoredVariables(
    Flattener.Flat flat,
    List<ModelVariable> variables,
    List<FlatModel.LeftOut> leftOut,
    FoundUses uses,
    Map<String, ModelDescription.Argument> tensors) {

  static StoredVariables of(Source source, Checkpoint checkpoint) {
    ModelVariables described = ModelVariables.described(source, checkpoint.keys());
    List<FlatVariable> declared = new ArrayList<>();
    for (NodeDef node : source.nodes().values()) {
      if (ModelDescription.VARIABLES.contains(node.getOp())) {
        declared.add(declared(node));
      }
    }
    List<ModelVariable> all = withoutCopies(described, declared);
    FoundUses uses = described.uses(all);
    boolean used = all.stream().anyMatch(variable -> uses.isReached(variable.name()));
    all.removeIf(variable -> used && !uses.isReached(variable.name()));
    List<ModelVariable> held = new ArrayList<>();
    List<FlatModel.LeftOut> leftOut = new ArrayList<>();
    for (ModelVariable variable : all) {
      Optional<String> reason = whyNot(variable, checkpoint);
      if (reason.isPresent()) {
        leftOut.add(new FlatModel.LeftOut(variable.name(), variable.shape(), reason.get()));
      } else {
        held.add(asHeld(variable, checkpoint));
      }
    }
    return of(held, leftOut, uses);
  }

  /** Keras 3 has each variable twice in the graph: of the two the one that a signature uses. */
  private static List<ModelVariable> withoutCopies(
      ModelVariables described, List<FlatVariable> declared) {
    List<ModelVariable> all = new ArrayList<>(described.describe(declared, Optional.empty()));
    Set<String> keys = new HashSet<>();
    all.stream()
        .filter(variable -> described.isCaptured(variable.name()))
        .forEach(variable -> keys.addAll(variable.checkpointKeys()));
    all.removeIf(
        variable ->
            !described.isCaptured(variable.name())
                && !variable.checkpointKeys().isEmpty()
                && keys.containsAll(variable.checkpointKeys()));
    return all;
  }

  private static FlatVariable declared(NodeDef node) {
    AttrValue none = AttrValue.getDefaultInstance();
    return new FlatVariable(
        node.getName(),
        node.getAttrOrDefault("dtype", none).getType(),
        node.getAttrOrDefault("shape", none).getShape(),
        node.getAttrOrDefault("shared_name", none).getS().toStringUtf8());
  }

  private static Optional<String> whyNot(ModelVariable variable, Checkpoint checkpoint) {
    if (variable.checkpointKeys().isEmpty()) {
      return Optional.of("the checkpoint does not hold it as a whole");
    }
    for (String key : variable.checkpointKeys()) {
      Optional<CheckpointIndex.Entry> entry = checkpoint.find(key);
      if (entry.isEmpty() || entry.get().partitioned()) {
        return Optional.of("the checkpoint does not hold it as a whole");
      }
      if (entry.get().type() != variable.type()
          || !entry.get().shape().isCompatibleWith(variable.shape())) {
        return Optional.of("the checkpoint holds it with another type or shape");
      }
    }
    return Optional.empty();
  }

  /** With the shape that the checkpoint has, where the graph leaves it open. */
  private static ModelVariable asHeld(ModelVariable variable, Checkpoint checkpoint) {
    Shape shape = checkpoint.find(variable.checkpointKeys().get(0)).orElseThrow().shape();
    return new ModelVariable(
        variable.name(), variable.type(), shape, variable.trainable(), variable.checkpointKeys());
  }

  private static StoredVariables of(
      List<ModelVariable> held, List<FlatModel.LeftOut> leftOut, FoundUses uses) {
    List<NodeDef> nodes = new ArrayList<>();
    List<FlatVariable> flat = new ArrayList<>();
    Map<String, ModelDescription.Argument> tensors = new LinkedHashMap<>();
    for (ModelVariable variable : held) {
      FlatVariable declared =
          new FlatVariable(
              variable.name(), variable.type(), Shapes.toProto(variable.shape()), variable.name());
      flat.add(declared);
      nodes.add(declared.node());
      nodes.add(declared.readNode());
      if (variable.type() == DataType.DT_FLOAT) {
        tensors.put(
            declared.read(),
            new ModelDescription.Argument(
                declared.read(), ModelDescription.FLOAT32, variable.shape()));
      }
    }
    Set<String> written = new HashSet<>();
    held.stream()
        .filter(variable -> uses.isWritten(variable.name()) && !variable.trainable())
        .forEach(variable -> written.add(variable.name()));
    return new StoredVariables(
        new Flattener.Flat(
            "", nodes, List.of(), Map.of(), Map.of(), Map.of(), flat, written, Set.of(), List.of(),
            List.of()),
        held,
        leftOut,
        uses,
        tensors);
  }
}
