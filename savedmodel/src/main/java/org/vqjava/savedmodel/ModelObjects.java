/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph.TrackableObject.ObjectReference;

/** The objects that Python saved: layers, variables and functions, as children of one another. */
final class ModelObjects {
  /** Ends the path of an object in a checkpoint's key. */
  private static final String ATTRIBUTES = "/.ATTRIBUTES/";

  private static final Set<String> LISTS =
      Set.of("trackable_list_wrapper", "trackable_tuple_wrapper");

  private final SavedObjectGraph graph;
  private final Map<Integer, Map<String, Integer>> children = new HashMap<>();

  ModelObjects(SavedObjectGraph graph) {
    this.graph = graph;
    for (int i = 0; i < graph.getNodesCount(); i++) {
      Map<String, Integer> byName = new LinkedHashMap<>();
      for (ObjectReference child : graph.getNodes(i).getChildrenList()) {
        if (child.getNodeId() >= 0 && child.getNodeId() < graph.getNodesCount()) {
          byName.put(child.getLocalName(), child.getNodeId());
        }
      }
      children.put(i, byName);
    }
  }

  static boolean hasPath(String key) {
    return key.contains(ATTRIBUTES);
  }

  /** The object that a key of the checkpoint belongs to. */
  Optional<Integer> ofKey(String key) {
    int end = key.indexOf(ATTRIBUTES);
    if (end < 0) {
      return Optional.empty();
    }
    int id = 0;
    for (String part : key.substring(0, end).split("/", -1)) {
      Integer child = child(id, part.replace(".S", "/").replace("..", "."));
      if (child == null) {
        return Optional.empty();
      }
      id = child;
    }
    return Optional.of(id);
  }

  private @Nullable Integer child(int id, String name) {
    return children.getOrDefault(id, Map.of()).get(name);
  }

  Optional<SavedObject> child(String name) {
    return Optional.ofNullable(child(0, name)).map(graph::getNodes);
  }

  /** The objects of a list that the root holds; empty if it holds no list of that name. */
  Optional<Set<Integer>> list(String name) {
    Integer list = child(0, name);
    return list != null && LISTS.contains(get(list).getUserObject().getIdentifier())
        ? Optional.of(Set.copyOf(children.getOrDefault(list, Map.of()).values()))
        : Optional.empty();
  }

  boolean isVariable(int id) {
    return id >= 0 && id < graph.getNodesCount() && get(id).hasVariable();
  }

  SavedObject get(int id) {
    return graph.getNodes(id);
  }

  Optional<SavedConcreteFunction> function(String name) {
    return Optional.ofNullable(graph.getConcreteFunctionsMap().get(name));
  }
}
