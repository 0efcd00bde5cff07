/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * A node that is being lowered.
 *
 * @param inliner that lowers it
 * @param frame that it is in
 * @param node with the attributes of the call
 * @param inputs what its inputs stand for
 * @param after what its control inputs stand for
 * @param effects those of its inputs, control inputs too; what it does itself is added
 */
record Site(
    Inliner inliner,
    Frame frame,
    NodeDef node,
    List<Value> inputs,
    Set<String> after,
    Set<String> effects) {

  String name() {
    return frame.flatName(node.getName());
  }

  FlatGraph graph() {
    return inliner.graph();
  }

  /** All effects that are over when this begins, those before the call that it is in too. */
  Set<String> before() {
    Set<String> before = new LinkedHashSet<>(frame.before());
    before.addAll(effects);
    return before;
  }

  Value input(int i) {
    if (i >= inputs.size()) {
      throw new IllegalArgumentException(
          node.getName() + " must have an input " + i + ", got " + inputs.size());
    }
    return inputs.get(i);
  }

  TensorRef tensor(int i) {
    return inliner.tensor(input(i));
  }

  FlatVariable variable(int i) {
    if (input(i) instanceof Value.Variable variable) {
      return inliner.variables().get(variable);
    }
    throw new Refusal(
        "it uses a resource that is no variable of the model", "export a signature without it");
  }

  Value.TensorList list(int i) {
    if (input(i) instanceof Value.TensorList list) {
      return list;
    }
    throw new Refusal(
        "its list of tensors has a length that is not known",
        "fix the shape of the input, FlattenOptions.withInputShape");
  }

  /** An input that must be known for the list to be followed. */
  int index(int i) {
    return (int)
        inliner
            .constants()
            .number(input(i))
            .orElseThrow(
                () ->
                    new Refusal(
                        "an index or a size depends on data",
                        "fix the shape of the input, FlattenOptions.withInputShape"));
  }

  AttrValue attribute(String attribute) {
    return Operations.attribute(node, Operations.definition(node.getOp()), attribute);
  }

  /** A node that belongs to this one, of the same attributes but for what the change changes. */
  Site part(String suffix, UnaryOperator<NodeDef.Builder> change, List<? extends Value> from) {
    return changed(node -> change.apply(node.setName(node.getName() + "/" + suffix)), from);
  }

  /** Another node in place of this one. */
  Site changed(UnaryOperator<NodeDef.Builder> change, List<? extends Value> from) {
    NodeDef changed = change.apply(node.toBuilder()).build();
    return new Site(inliner, frame, changed, List.copyOf(from), after, effects);
  }

  /** Adds a node under the name of this one, which waits for what this one waits for. */
  TensorRef emit(String type, List<TensorRef> from, Map<String, AttrValue> attributes) {
    return graph().emit(name(), type, from, after, attributes);
  }

  /** Adds a node that belongs to this one. */
  TensorRef emit(
      String suffix, String type, List<TensorRef> from, Map<String, AttrValue> attributes) {
    return graph().emit(name() + "/" + suffix, type, from, Set.of(), attributes);
  }

  TensorRef constant(String suffix, int value) {
    return constant(suffix, Attributes.scalar(value));
  }

  TensorRef constant(String suffix, DataType type, double value) {
    return emit(
        suffix,
        "Const",
        List.of(),
        Map.of("dtype", Attributes.of(type), "value", Attributes.scalar(type, value)));
  }

  /** Adds a vector of int32. */
  TensorRef constant(String suffix, int... values) {
    return constant(suffix, Attributes.vector(values));
  }

  /** Adds a tensor of int32. */
  TensorRef constant(String suffix, AttrValue int32) {
    return emit(
        suffix,
        "Const",
        List.of(),
        Map.of("dtype", Attributes.of(DataType.DT_INT32), "value", int32));
  }

  /** Adds the node as it is. */
  Value[] keep() {
    return outputsOf(keptNode());
  }

  /** Adds the node as it is, for which others have to wait. */
  Value[] keepWithEffect() {
    String kept = keptNode();
    effects.add(kept);
    return outputsOf(kept);
  }

  private String keptNode() {
    OpDef definition = Operations.definition(node.getOp());
    return graph().emit(name(), node.getOp(), flat(definition), after, known(definition)).node();
  }

  private Value[] outputsOf(String kept) {
    Value[] outputs = new Value[Operations.outputs(node, Operations.definition(node.getOp()))];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new TensorRef(kept, i);
    }
    return outputs;
  }

  /** A variable is handed on as itself only where a reference is asked for. */
  private List<TensorRef> flat(OpDef definition) {
    List<TensorRef> flat = new ArrayList<>();
    for (OpDef.ArgDef argument : definition.getInputArgList()) {
      int width = Operations.width(argument, node, definition);
      for (int i = 0; i < width; i++) {
        Value value = input(flat.size());
        boolean handle =
            Operations.type(argument, i, node, definition) == DataType.DT_RESOURCE
                && value instanceof Value.Variable;
        if (handle) {
          throw Obstacles.holdsAVariable();
        }
        flat.add(
            value instanceof Value.Variable variable && argument.getIsRef()
                ? new TensorRef(variable.name(), 0)
                : inliner.tensor(value));
      }
    }
    if (flat.size() < inputs.size()) {
      throw new IllegalArgumentException(
          node.getName() + " must have " + flat.size() + " inputs, got " + inputs.size());
    }
    return flat;
  }

  /** Without what other versions and Python itself add. */
  private Map<String, AttrValue> known(OpDef definition) {
    Map<String, AttrValue> attributes = new LinkedHashMap<>();
    for (OpDef.AttrDef attribute : definition.getAttrList()) {
      AttrValue value = node.getAttrMap().get(attribute.getName());
      if (value != null) {
        attributes.put(attribute.getName(), value);
      }
    }
    return attributes;
  }

  void hasEffect(TensorRef effect) {
    effects.add(effect.node());
  }

  static Value[] values(Value... values) {
    return values;
  }

  static Value[] values(Collection<? extends Value> values) {
    return values.toArray(new Value[0]);
  }
}
