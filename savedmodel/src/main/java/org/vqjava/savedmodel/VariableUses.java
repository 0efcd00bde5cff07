/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Follows variables through a saved graph to what computes with them: through calls, branches and
 * loops of either kind, casts, transposes and the like, whatever else is in the graph. Nothing is
 * built, so that it does not matter what could be; what is not known is taken to give data.
 *
 * <p>A function is evaluated once for what it is called with, a loop until nothing changes.
 */
final class VariableUses {
  private static final AttrValue NONE = AttrValue.getDefaultInstance();
  private static final int DEEPEST_CALL = 100;
  private static final int MOST_ROUNDS = 20;
  private static final int MOST_NODES = 5_000_000;

  private final Source source;
  private final Map<String, Shape> shapes;
  private final Map<Call, Result> results = new HashMap<>();
  private final Deque<String> calls = new ArrayDeque<>();
  private int visited;

  private record Call(String function, List<Traced> arguments) {}

  private record Result(List<Traced> outputs, FoundUses found) {}

  private VariableUses(Source source, Map<String, Shape> shapes) {
    this.source = source;
    this.shapes = shapes;
  }

  /**
   * The uses in what the signatures compute, then those in the functions that objects have.
   *
   * @param shapes of the variables in the main graph
   * @param captured object of the model → variable
   */
  static FoundUses of(Source source, Map<String, Shape> shapes, Map<Integer, String> captured) {
    VariableUses uses = new VariableUses(source, shapes);
    FoundUses found =
        uses.evaluate(
            TracedGraph.ofMainGraph(source.functions(), source.nodes()), outputs(source.meta()));
    new TreeMap<>(source.meta().getObjectGraphDef().getConcreteFunctionsMap())
        .forEach((name, function) -> found.addAll(uses.captured(name, function, captured)));
    return found;
  }

  private static List<String> outputs(MetaGraphDef meta) {
    List<String> tensors = new ArrayList<>();
    for (SignatureDef signature : new TreeMap<>(meta.getSignatureDefMap()).values()) {
      for (TensorInfo output : signature.getOutputsMap().values()) {
        tensors.add(output.getName());
        tensors.add(output.getCooSparse().getValuesTensorName());
        output
            .getCompositeTensor()
            .getComponentsList()
            .forEach(part -> tensors.add(part.getName()));
      }
    }
    tensors.removeIf(String::isEmpty);
    return tensors;
  }

  private FoundUses captured(
      String name, SavedConcreteFunction function, Map<Integer, String> captured) {
    FunctionDef definition = source.functions().get(name);
    if (definition == null) {
      return new FoundUses();
    }
    int size = definition.getSignature().getInputArgCount();
    int first = size - function.getBoundInputsCount();
    List<Traced> arguments = new ArrayList<>();
    FoundUses found = new FoundUses();
    for (int i = 0; i < size; i++) {
      String variable =
          i < first || first < 0 ? null : captured.get(function.getBoundInputs(i - first));
      arguments.add(variable == null ? Traced.DATA : variable(variable, found));
    }
    found.addAll(call(name, arguments).found());
    return found;
  }

  private Traced variable(String name, FoundUses found) {
    found.reach(name);
    return Traced.variable(name, Axes.ofVariable(shapes.getOrDefault(name, Shape.unknown())));
  }

  private Result call(String name, List<Traced> arguments) {
    FunctionDef function = source.functions().get(name);
    if (function == null
        || function.getSignature().getInputArgCount() != arguments.size()
        || calls.contains(name)
        || calls.size() == DEEPEST_CALL) {
      return unknown(name, arguments);
    }
    Call call = new Call(name, arguments);
    Result known = results.get(call);
    if (known != null) {
      return known;
    }
    calls.push(name);
    Result result = evaluate(function, arguments);
    calls.pop();
    results.put(call, result);
    return result;
  }

  private static Result unknown(String operation, List<Traced> arguments) {
    FoundUses found = new FoundUses();
    for (Traced argument : arguments) {
      for (String variable : argument.variables().keySet()) {
        found.use(variable, new VariableUse(VariableUse.Kind.OTHER, operation, List.of()));
      }
    }
    return new Result(List.of(Traced.DATA), found);
  }

  private Result evaluate(FunctionDef function, List<Traced> arguments) {
    TracedGraph graph = TracedGraph.ofFunction(source.functions(), function, arguments);
    List<String> returned = new ArrayList<>();
    for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
      returned.add(function.getRetOrDefault(output.getName(), ""));
    }
    List<String> wanted = new ArrayList<>(returned);
    wanted.addAll(function.getControlRetMap().values());
    FoundUses found = evaluate(graph, wanted);
    return new Result(returned.stream().map(graph::get).toList(), found);
  }

  /** Nodes in their order, again as long as a loop of TensorFlow 1 changes what it began with. */
  private FoundUses evaluate(TracedGraph graph, Collection<String> wanted) {
    List<NodeDef> ordered = graph.ordered(wanted);
    boolean loops = graph.loops(ordered);
    for (int round = 1; ; round++) {
      boolean changes = false;
      FoundUses found = new FoundUses();
      for (NodeDef node : ordered) {
        if (++visited > MOST_NODES) {
          return found;
        }
        changes |= graph.put(node.getName(), outputs(node, graph, found));
      }
      if (!loops || !changes || round == MOST_ROUNDS) {
        return found;
      }
    }
  }

  private List<Traced> outputs(NodeDef node, TracedGraph graph, FoundUses found) {
    List<Traced> inputs = graph.inputs(node);
    String type = node.getOp();
    if (source.functions().containsKey(type)) {
      return add(call(type, inputs), found);
    }
    return switch (type) {
      case "PartitionedCall", "StatefulPartitionedCall" ->
          add(call(function(node, "f"), inputs), found);
      case "If", "StatelessIf" ->
          branches(
              List.of(function(node, "then_branch"), function(node, "else_branch")), inputs, found);
      case "Case", "StatelessCase" ->
          branches(
              node.getAttrOrDefault("branches", NONE).getList().getFuncList().stream()
                  .map(NameAttrList::getName)
                  .toList(),
              inputs,
              found);
      case "While", "StatelessWhile" -> loop(node, inputs, found);
      case "IdentityN" -> inputs;
      default ->
          ModelDescription.VARIABLES.contains(type) && shapes.containsKey(node.getName())
              ? List.of(graph.isMain() ? variable(node.getName(), found) : Traced.DATA)
              : List.of(TracedOperations.of(node, inputs, found));
    };
  }

  private static String function(NodeDef node, String attribute) {
    return node.getAttrOrDefault(attribute, NONE).getFunc().getName();
  }

  private static List<Traced> add(Result result, FoundUses found) {
    found.addAll(result.found());
    return result.outputs();
  }

  private List<Traced> branches(List<String> functions, List<Traced> inputs, FoundUses found) {
    List<Traced> arguments = inputs.subList(Math.min(1, inputs.size()), inputs.size());
    List<Traced> outputs = List.of();
    for (String function : functions) {
      List<Traced> more = add(call(function, arguments), found);
      outputs = outputs.isEmpty() ? more : either(outputs, more);
    }
    return outputs.isEmpty() ? List.of(Traced.DATA) : outputs;
  }

  /** What it begins with, or what a step makes of it, until that is the same. */
  private List<Traced> loop(NodeDef node, List<Traced> inputs, FoundUses found) {
    List<Traced> values = inputs;
    for (int round = 1; ; round++) {
      Result step = call(function(node, "body"), values);
      List<Traced> next = either(values, step.outputs());
      if (next.equals(values) || round == MOST_ROUNDS) {
        found.addAll(call(function(node, "cond"), values).found());
        found.addAll(step.found());
        return values;
      }
      values = next;
    }
  }

  private static List<Traced> either(List<Traced> one, List<Traced> other) {
    if (one.size() != other.size()) {
      return one.stream().map(value -> value.or(Traced.DATA)).toList();
    }
    List<Traced> either = new ArrayList<>();
    for (int i = 0; i < one.size(); i++) {
      either.add(one.get(i).or(other.get(i)));
    }
    return List.copyOf(either);
  }
}
