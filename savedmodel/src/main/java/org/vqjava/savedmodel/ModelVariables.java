/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.VariableDef;

/** What the model says of its variables: where the checkpoint holds them, which are trained. */
final class ModelVariables {
  private static final String TRAINABLE = "trainable_variables";

  private final Source source;
  private final ModelObjects objects;
  private final Map<String, String> keys;
  private final Map<Integer, String> keyOfObject;
  private final @Nullable Set<String> trainable;

  /** The checkpoint's keys are all that it has. */
  ModelVariables(Source source, Set<String> checkpoint) {
    this.source = source;
    this.objects = new ModelObjects(source.meta().getObjectGraphDef());
    this.keys = CheckpointKeys.of(source);
    this.keyOfObject = CheckpointKeys.byObject(objects, checkpoint);
    this.trainable = trainableOfTensorFlow1(source);
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

  List<ModelVariable> describe(Collection<FlatVariable> variables) {
    List<ModelVariable> described = new ArrayList<>();
    for (FlatVariable variable : variables) {
      Set<String> all = new LinkedHashSet<>();
      String key = keys.get(variable.name());
      if (key != null) {
        all.add(key);
        all.addAll(keysOfCaptures(variable.name()));
      }
      described.add(
          new ModelVariable(
              variable.name(),
              variable.type(),
              Shapes.of(variable.shape()),
              isTrainable(variable, key),
              List.copyOf(all)));
    }
    return described;
  }

  private boolean isTrainable(FlatVariable variable, @Nullable String key) {
    Optional<SavedObject> object =
        key == null ? Optional.empty() : objects.ofKey(key).map(objects::get);
    if (object.isPresent() && object.get().hasVariable()) {
      return object.get().getVariable().getTrainable();
    }
    return trainable == null
        || trainable.contains(variable.name())
        || trainable.contains(variable.sharedName());
  }

  /**
   * The functions' captures name the object that Python's loader of TensorFlow 2 binds, which need
   * not be the one whose handle the graph uses: a Keras 3 export holds every variable twice.
   */
  private Set<String> keysOfCaptures(String variable) {
    Set<String> found = new LinkedHashSet<>();
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
        String key = keyOfObject.get(function.get().getBoundInputs(i - first));
        if (key != null && TensorRef.nodeOf(inputs.get(i)).equals(variable)) {
          found.add(key);
        }
      }
    }
    return found;
  }

  /** Object that a function captures → variable. */
  Map<Integer, String> byObject() {
    Map<Integer, String> byObject = new HashMap<>();
    keys.forEach((name, key) -> objects.ofKey(key).ifPresent(id -> byObject.put(id, name)));
    return byObject;
  }

  ModelObjects objects() {
    return objects;
  }
}
