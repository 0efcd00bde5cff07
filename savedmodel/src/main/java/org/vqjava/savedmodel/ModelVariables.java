/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.VariableDef;

/**
 * What the model says of its variables: which objects of Python they are, where the checkpoint
 * holds them, which are trained.
 *
 * <p>Keras lists at the root what it trains, {@code trainable_variables}: without the variables of
 * frozen layers and without states, whose own flags say otherwise. Where there is no such list, the
 * flag of each variable decides; in TensorFlow 1 a collection.
 */
final class ModelVariables {
  private static final String TRAINABLE = "trainable_variables";

  private final Source source;
  private final ModelObjects objects;
  private final Map<String, String> keys;
  private final Map<Integer, String> keyOfObject;
  private final Map<String, Set<Integer>> captured;
  private final Optional<Set<Integer>> listed;
  private final @Nullable Set<String> ofTensorFlow1;

  private ModelVariables(Source source, Map<String, String> keys, Set<String> checkpoint) {
    this.source = source;
    this.objects = new ModelObjects(source.meta().getObjectGraphDef());
    this.keys = keys;
    this.keyOfObject = CheckpointKeys.byObject(objects, checkpoint);
    this.captured = captured();
    this.listed = objects.list(TRAINABLE);
    this.ofTensorFlow1 = trainableOfTensorFlow1(source);
  }

  /** The checkpoint's keys are all that it has. */
  static ModelVariables of(Source source, Set<String> checkpoint) {
    return new ModelVariables(source, CheckpointKeys.of(source), checkpoint);
  }

  /** Of whatever can be described, variables in parts and damaged models too. */
  static ModelVariables described(Source source, Set<String> checkpoint) {
    Map<String, String> keys;
    try {
      keys = CheckpointKeys.ofWholes(source);
    } catch (IllegalArgumentException e) {
      keys = Map.of();
    }
    return new ModelVariables(source, keys, checkpoint);
  }

  private static @Nullable Set<String> trainableOfTensorFlow1(Source source) {
    CollectionDef collection = source.meta().getCollectionDefMap().get(TRAINABLE);
    if (collection == null) {
      return null;
    }
    Set<String> names = new HashSet<>();
    for (ByteString variable : collection.getBytesList().getValueList()) {
      try {
        names.add(TensorRef.nodeOf(VariableDef.parseFrom(variable).getVariableName()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalArgumentException(
            "the collection " + TRAINABLE + " must hold variables, got " + e.getMessage(), e);
      }
    }
    return names;
  }

  /**
   * Variable → objects. The functions' captures name the object that Python's loader of TensorFlow
   * 2 binds, which need not be the one whose handle the model restores: a Keras 3 export holds
   * every variable twice, and {@code tf.saved_model.save} of Keras 3 restores other handles than
   * its functions use.
   */
  private Map<String, Set<Integer>> captured() {
    Map<String, Set<Integer>> found = new LinkedHashMap<>();
    for (NodeDef call : source.nodes().values()) {
      Optional<SavedConcreteFunction> function =
          call.getOp().endsWith("PartitionedCall")
              ? objects.function(call.getAttrOrThrow("f").getFunc().getName())
              : Optional.empty();
      if (function.isEmpty()) {
        continue;
      }
      List<String> inputs =
          call.getInputList().stream().filter(input -> !TensorRef.isControl(input)).toList();
      int first = inputs.size() - function.get().getBoundInputsCount();
      for (int i = Math.max(0, first); i < inputs.size(); i++) {
        int object = function.get().getBoundInputs(i - first);
        if (objects.isVariable(object)) {
          found
              .computeIfAbsent(TensorRef.nodeOf(inputs.get(i)), name -> new LinkedHashSet<>())
              .add(object);
        }
      }
    }
    return found;
  }

  /** Whether a call in the main graph hands the variable on. */
  boolean isCaptured(String variable) {
    return captured.containsKey(variable);
  }

  /** The objects that a variable is. */
  private Set<Integer> objectsOf(String variable) {
    Set<Integer> found = new LinkedHashSet<>();
    Optional.ofNullable(keys.get(variable)).flatMap(objects::ofKey).ifPresent(found::add);
    found.addAll(captured.getOrDefault(variable, Set.of()));
    found.removeIf(object -> !objects.isVariable(object));
    return found;
  }

  /**
   * Whether a node is but another handle of a variable that the functions use by its own, or of
   * none: Keras 3 leaves two more of each.
   */
  boolean isSpare(String variable) {
    if (captured.isEmpty() || captured.containsKey(variable)) {
      return false;
    }
    Set<Integer> own = objectsOf(variable);
    return own.isEmpty()
        ? !source.isHandedOn(variable)
        : captured.keySet().stream().anyMatch(v -> !Collections.disjoint(own, objectsOf(v)));
  }

  /**
   * What is said of some variables; trained are those that the predicate is true of, which is asked
   * by name, or where there is none those that the model says.
   */
  List<ModelVariable> describe(
      Collection<FlatVariable> variables, Optional<Predicate<String>> trained) {
    List<ModelVariable> described = new ArrayList<>();
    for (FlatVariable variable : variables) {
      String name = variable.name();
      boolean trainable =
          trained
              .map(matches -> matches.test(name))
              .orElseGet(() -> isTrainable(name, variable.sharedName()));
      described.add(
          new ModelVariable(
              name,
              variable.type(),
              Shapes.of(variable.shape()),
              trainable,
              List.copyOf(checkpointKeys(name))));
    }
    return described;
  }

  /** The key that the graph restores, then those of the objects. */
  Set<String> checkpointKeys(String variable) {
    Set<String> all = new LinkedHashSet<>();
    Optional.ofNullable(keys.get(variable)).ifPresent(all::add);
    for (int object : objectsOf(variable)) {
      Optional.ofNullable(keyOfObject.get(object)).ifPresent(all::add);
    }
    return all;
  }

  /** Whether whoever saved the model trained the variable. */
  boolean isTrainable(String variable, String sharedName) {
    Set<Integer> all = objectsOf(variable);
    if (listed.isPresent()) {
      return all.stream().anyMatch(listed.get()::contains);
    }
    if (!all.isEmpty()) {
      return all.stream().anyMatch(id -> objects.get(id).getVariable().getTrainable());
    }
    return ofTensorFlow1 == null
        || ofTensorFlow1.contains(variable)
        || ofTensorFlow1.contains(sharedName);
  }

  /** Object that a function captures → variable. */
  Map<Integer, String> byObject() {
    Map<Integer, String> byObject = new HashMap<>();
    keys.forEach((name, key) -> objects.ofKey(key).ifPresent(id -> byObject.put(id, name)));
    captured.forEach((name, all) -> all.forEach(object -> byObject.put(object, name)));
    return byObject;
  }

  /** What computes with the variables of the main graph, of which some are described. */
  FoundUses uses(Collection<ModelVariable> described) {
    Map<String, Shape> shapes = new HashMap<>();
    for (NodeDef node : source.nodes().values()) {
      if (ModelDescription.VARIABLES.contains(node.getOp())) {
        shapes.put(node.getName(), Shapes.ofVariable(node));
      }
    }
    Map<Integer, String> captured = new HashMap<>();
    for (ModelVariable variable : described) {
      shapes.put(variable.name(), variable.shape());
      for (String key : variable.checkpointKeys()) {
        objects.ofKey(key).ifPresent(id -> captured.put(id, variable.name()));
      }
    }
    return VariableUses.of(source, shapes, captured);
  }

  ModelObjects objects() {
    return objects;
  }
}
