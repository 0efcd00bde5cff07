/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** The operations that this TensorFlow has. */
final class Operations {
  /** More than any layer has, and few enough for TensorFlow to take. */
  private static final int MOST_TENSORS = 65_536;

  private static final Map<String, OpDef> DEFINITIONS =
      TensorFlow.registeredOpList().getOpList().stream()
          .collect(Collectors.toUnmodifiableMap(OpDef::getName, Function.identity()));

  private Operations() {}

  static boolean isKnown(String type) {
    return DEFINITIONS.containsKey(type);
  }

  static OpDef definition(String type) {
    OpDef definition = DEFINITIONS.get(type);
    if (definition == null) {
      throw new IllegalArgumentException("an operation must be known, got " + type);
    }
    return definition;
  }

  /**
   * Asked of TensorFlow's own registry, by an internal class: a list of ours would be wrong with
   * the next version, and adding gradients to see whether it fails leaves the graph half changed.
   */
  static boolean hasGradient(String type) {
    return tensorflow.TFJ_HasGradient(type);
  }

  /** An attribute, by its default where the node does not have it. */
  static AttrValue attribute(NodeDef node, OpDef definition, String name) {
    AttrValue given = node.getAttrMap().get(name);
    if (given != null) {
      return given;
    }
    for (OpDef.AttrDef attribute : definition.getAttrList()) {
      if (attribute.getName().equals(name) && attribute.hasDefaultValue()) {
        return attribute.getDefaultValue();
      }
    }
    throw new IllegalArgumentException(
        node.getName()
            + " must have an attribute "
            + name
            + ", got a "
            + node.getOp()
            + " without");
  }

  /** How many tensors an argument stands for. */
  static int width(OpDef.ArgDef argument, NodeDef node, OpDef definition) {
    if (isList(argument)) {
      long width =
          argument.getNumberAttr().isEmpty()
              ? attribute(node, definition, argument.getTypeListAttr()).getList().getTypeCount()
              : attribute(node, definition, argument.getNumberAttr()).getI();
      if (width < 0 || width > MOST_TENSORS) {
        throw new IllegalArgumentException(
            node.getName() + " must have at most " + MOST_TENSORS + " tensors, got " + width);
      }
      return (int) width;
    }
    return 1;
  }

  static boolean isList(OpDef.ArgDef argument) {
    return !argument.getNumberAttr().isEmpty() || !argument.getTypeListAttr().isEmpty();
  }

  /** The type of the tensors of an argument, the {@code i}-th where it is a list of types. */
  static DataType type(OpDef.ArgDef argument, int i, NodeDef node, OpDef definition) {
    if (!argument.getTypeListAttr().isEmpty()) {
      return attribute(node, definition, argument.getTypeListAttr()).getList().getType(i);
    }
    return argument.getTypeAttr().isEmpty()
        ? argument.getType()
        : attribute(node, definition, argument.getTypeAttr()).getType();
  }

  static int outputs(NodeDef node, OpDef definition) {
    int outputs = 0;
    for (OpDef.ArgDef argument : definition.getOutputArgList()) {
      outputs += width(argument, node, definition);
    }
    return outputs;
  }

  /**
   * The place of an output among all outputs, as functions name it: {@code node:argument:index}.
   */
  static int outputIndex(NodeDef node, OpDef definition, String argument, int index) {
    int first = 0;
    for (OpDef.ArgDef output : definition.getOutputArgList()) {
      if (output.getName().equals(argument)) {
        return first + index;
      }
      first += width(output, node, definition);
    }
    throw new IllegalArgumentException(
        node.getName() + " must have an output " + argument + ", got a " + node.getOp());
  }
}
