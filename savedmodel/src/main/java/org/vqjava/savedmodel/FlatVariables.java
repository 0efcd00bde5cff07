/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The variables of a flat graph: {@code VariableV2}, which TensorFlow Java can train and save, each
 * with one read. What is read has no reference type, so that the operations whose gradient ends the
 * process for a reference are safe.
 */
final class FlatVariables {
  private final FlatGraph graph;
  private final Map<String, FlatVariable> variables = new LinkedHashMap<>();
  private final List<Write> writes = new ArrayList<>();
  private final Map<List<Object>, TensorRef> readsAfter = new HashMap<>();

  /**
   * A node that writes a variable.
   *
   * @param node its name
   * @param variable that of the variable
   * @param before the writes of the variable that come before it
   */
  private record Write(String node, String variable, Set<String> before) {}

  FlatVariables(FlatGraph graph) {
    this.graph = graph;
  }

  Collection<FlatVariable> all() {
    return variables.values();
  }

  FlatVariable get(Value.Variable variable) {
    FlatVariable found = variables.get(variable.name());
    if (found == null) {
      throw new IllegalArgumentException("a variable must be declared, got " + variable.name());
    }
    return found;
  }

  Value.Variable declare(String name, NodeDef node) {
    if (!variables.containsKey(name)) {
      TensorShapeProto shape = node.getAttrOrThrow("shape").getShape();
      if (shape.getUnknownRank() || shape.getDimList().stream().anyMatch(d -> d.getSize() < 0)) {
        throw new Refusal("its shape is not known", "create the variable with its shape");
      }
      DataType type = node.getAttrOrThrow("dtype").getType();
      String shared =
          node.getAttrOrDefault("shared_name", node.getAttrOrThrow("dtype")).getS().toStringUtf8();
      FlatVariable variable = new FlatVariable(name, type, shape, shared.isEmpty() ? name : shared);
      variables.put(name, variable);
      graph.add(variable.node());
    }
    return new Value.Variable(name);
  }

  /**
   * The read of what the variable is when the writes among some effects are over; one for all that
   * read the same.
   */
  TensorRef read(FlatVariable variable, Set<String> before) {
    Set<String> last = lastWrites(variable, before);
    if (!last.isEmpty()) {
      return readsAfter.computeIfAbsent(
          List.of(variable.name(), last),
          key ->
              graph.emit(
                  variable.name() + "/read_after",
                  "Identity",
                  List.of(variable.reference()),
                  last,
                  Map.of("T", Attributes.of(variable.type()))));
    }
    if (!graph.nodes().containsKey(variable.read())) {
      graph.add(variable.readNode());
    }
    return new TensorRef(variable.read(), 0);
  }

  /**
   * Adds a node that writes a variable: after the writes among the effects before it, and after all
   * that reads what these wrote. Reads of the value at the start are {@link WriteOrder}'s.
   */
  TensorRef write(
      FlatVariable variable, String name, String type, TensorRef value, Set<String> before) {
    Set<String> last = lastWrites(variable, before);
    Set<String> over =
        writesOf(variable, before).stream().map(Write::node).collect(Collectors.toSet());
    Set<String> waits = new LinkedHashSet<>(last);
    TensorRef read = readsAfter.get(List.of(variable.name(), last));
    if (read != null) {
      waits.add(read.node());
    }
    TensorRef written =
        graph.emit(
            name,
            type,
            List.of(variable.reference(), value),
            waits,
            Map.of("T", Attributes.of(variable.type())));
    writes.add(new Write(written.node(), variable.name(), over));
    return written;
  }

  /** The writes of a variable among some effects, in the order in which they were added. */
  private List<Write> writesOf(FlatVariable variable, Set<String> effects) {
    return writes.stream()
        .filter(w -> w.variable().equals(variable.name()) && effects.contains(w.node()))
        .toList();
  }

  /** Without those that others of them wait for. */
  private Set<String> lastWrites(FlatVariable variable, Set<String> effects) {
    List<Write> all = writesOf(variable, effects);
    Set<String> over = new HashSet<>();
    Set<String> last = new LinkedHashSet<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      Write write = all.get(i);
      if (!over.contains(write.node())) {
        last.add(write.node());
        over.addAll(write.before());
      }
    }
    return last;
  }

  /** Node of a function that writes → variable. */
  Map<String, String> written() {
    Map<String, String> written = new LinkedHashMap<>();
    writes.forEach(write -> written.put(write.node(), write.variable()));
    return written;
  }

  /** Whether a node reads what the forward pass wrote itself. */
  boolean isReadAfterWrite(String node) {
    return readsAfter.values().stream().anyMatch(read -> read.node().equals(node));
  }
}
