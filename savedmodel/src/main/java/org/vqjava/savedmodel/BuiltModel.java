/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/**
 * A flat model in a graph, with what is rewritten.
 *
 * @param inputs name in the signature → placeholder
 * @param outputs name in the signature → output of the forward pass for inference
 * @param trainingOutputs the same of the one for training
 * @param weights variable → what the model computes with for it
 */
record BuiltModel(
    Map<String, Output<?>> inputs,
    Map<String, Output<?>> outputs,
    Map<String, Output<?>> trainingOutputs,
    Map<String, Output<?>> weights) {

  static BuiltModel in(Graph graph, FlatModel flat) {
    BuiltModel built =
        new BuiltModel(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new LinkedHashMap<>());
    built.build(graph, flat);
    return built;
  }

  private void build(Graph graph, FlatModel flat) {
    if (!flat.flat().functions().isEmpty()) {
      graph.importGraphDef(
          GraphDef.newBuilder()
              .setLibrary(FunctionDefLibrary.newBuilder().addAllFunction(flat.flat().functions()))
              .build());
    }
    ReservedNames.of(flat.flat().nodes()).in(graph.baseScope());
    Map<TensorRef, Output<?>> built = new HashMap<>();
    Map<String, FlatModel.Replacement> replacements = flat.replacements();
    for (NodeDef node : flat.flat().nodes()) {
      GraphOperation operation = NodeBuilder.add(graph, node, tensor -> built(built, tensor));
      for (int i = 0; i < operation.numOutputs(); i++) {
        TensorRef tensor = new TensorRef(node.getName(), i);
        FlatModel.Replacement replacement = replacements.get(tensor.toString());
        Output<?> output = operation.output(i);
        built.put(
            tensor, replacement == null ? output : replaced(graph, tensor, output, replacement));
      }
    }
    flat.flat().inputs().forEach((name, tensor) -> inputs.put(name, original(graph, tensor)));
    flat.flat().outputs().forEach((name, tensor) -> outputs.put(name, built(built, tensor)));
    flat.flat().trainingOutputs().forEach((name, t) -> trainingOutputs.put(name, built(built, t)));
    for (ModelVariable variable : flat.variables()) {
      TensorRef read = new TensorRef(FlatVariable.readOf(variable.name()), 0);
      weights.put(variable.name(), built(built, read));
    }
  }

  private static Output<?> built(Map<TensorRef, Output<?>> built, TensorRef tensor) {
    return Objects.requireNonNull(built.get(tensor), tensor.toString());
  }

  private static Output<?> original(Graph graph, TensorRef tensor) {
    return graph.operationOrThrow(tensor.node()).output(tensor.index());
  }

  private static Output<?> replaced(
      Graph graph, TensorRef tensor, Output<?> output, FlatModel.Replacement replacement) {
    Ops scoped =
        RewriteScope.ops(
            graph, "Rewritten_" + tensor.toString().replaceAll("[^A-Za-z0-9_.-]", "_"));
    Output<?> given =
        replacement.ofVariable() ? original(graph, FlatVariable.ofRead(tensor)) : output;
    Output<?> result = replacement.rewrite().apply(scoped, given.expect(TFloat32.class)).asOutput();
    if (!result.type().equals(TFloat32.class)
        || result.env() != graph
        || !result.shape().isCompatibleWith(output.shape())) {
      throw new IllegalArgumentException(
          "the rewriting of "
              + tensor
              + " must return float32 of shape "
              + text(output.shape())
              + ", got "
              + result.dataType()
              + " of shape "
              + text(result.shape()));
    }
    return result;
  }

  private static String text(Shape shape) {
    return shape.isUnknown() ? "unknown" : shape.toString();
  }
}
