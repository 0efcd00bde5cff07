/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Whether functions take and give what those who call them say. TensorFlow 2.18 ends the process
 * where a loop of four values has a body of one result.
 */
final class CalledSignatures {
  private CalledSignatures() {}

  /** Refuses a node that calls a function with other types, or in a way that is not known here. */
  static void check(NodeDef node, Map<String, FunctionDef> library) {
    for (Map.Entry<String, AttrValue> attribute : node.getAttrMap().entrySet()) {
      if (attribute.getValue().hasFunc()) {
        check(node, attribute.getKey(), attribute.getValue().getFunc(), library);
      }
      for (NameAttrList function : attribute.getValue().getList().getFuncList()) {
        check(node, attribute.getKey(), function, library);
      }
    }
  }

  private static void check(
      NodeDef node, String attribute, NameAttrList called, Map<String, FunctionDef> library) {
    FunctionDef function = library.get(called.getName());
    if (function == null) {
      throw new IllegalArgumentException(
          node.getName() + " must call a function of the model, got " + called.getName());
    }
    OpDef signature = function.getSignature();
    switch (attribute) {
      case "body" -> {
        must(node, signature, "take", signature.getInputArgList(), types(node, "T"));
        must(node, signature, "return", signature.getOutputArgList(), types(node, "T"));
      }
      case "cond" -> {
        must(node, signature, "take", signature.getInputArgList(), types(node, "T"));
        must(node, signature, "return", signature.getOutputArgList(), List.of(DataType.DT_BOOL));
      }
      case "f", "then_branch", "else_branch", "branches" -> {
        must(node, signature, "take", signature.getInputArgList(), types(node, "Tin"));
        must(node, signature, "return", signature.getOutputArgList(), types(node, "Tout"));
      }
      default ->
          throw new IllegalArgumentException(
              node.getName() + " must call a function as If, While or a call do, got " + attribute);
    }
  }

  private static List<DataType> types(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getList().getTypeList();
  }

  private static void must(
      NodeDef node,
      OpDef function,
      String what,
      List<OpDef.ArgDef> arguments,
      List<DataType> expected) {
    List<DataType> types = arguments.stream().map(OpDef.ArgDef::getType).toList();
    if (!types.equals(expected)) {
      throw new IllegalArgumentException(
          "function "
              + function.getName()
              + " must "
              + what
              + " "
              + expected
              + " for "
              + node.getName()
              + ", got "
              + types);
    }
  }
}
