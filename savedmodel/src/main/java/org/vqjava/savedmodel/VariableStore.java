/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/** Values of a graph's variables, in a session. */
final class VariableStore {
  private static final String SCOPE = "values/";

  private final Graph graph;
  private final Session session;

  VariableStore(Graph graph, Session session) {
    this.graph = graph;
    this.session = session;
  }

  /** All variables of the graph. */
  List<Output<?>> all() {
    List<Output<?>> variables = new ArrayList<>();
    for (Iterator<GraphOperation> i = graph.operations(); i.hasNext(); ) {
      GraphOperation operation = i.next();
      if (operation.type().equals("VariableV2")) {
        variables.add(operation.output(0));
      }
    }
    return variables;
  }

  /** Takes values that are there only so long. */
  interface Reader {
    void read(List<Tensor> values) throws IOException;
  }

  /** Hands the values of some outputs to the reader, in their order. */
  void read(Collection<? extends Output<?>> outputs, Reader reader) throws IOException {
    if (outputs.isEmpty()) {
      reader.read(List.of()); // to fetch nothing is an error for a session
      return;
    }
    Session.Runner runner = session.runner();
    outputs.forEach(runner::fetch);
    try (Result result = runner.run()) {
      List<Tensor> values = new ArrayList<>();
      result.forEach(entry -> values.add(entry.getValue()));
      reader.read(values);
    }
  }

  /** Gives variables values; the operations for that are made once a graph. */
  void write(Map<String, ? extends Tensor> values) {
    if (values.isEmpty()) {
      return;
    }
    Session.Runner runner = session.runner();
    values.forEach(
        (name, value) ->
            runner.feed(initialValue(name).output(0), value).addTarget(initializer(name)));
    runner.run().close();
  }

  /** What feeds a variable's value, once one was written. */
  static String initialValueName(String variable) {
    return SCOPE + variable;
  }

  /** What assigns it. */
  static String initializerName(String variable) {
    return SCOPE + variable + "/assign";
  }

  private GraphOperation initialValue(String variable) {
    String name = initialValueName(variable);
    GraphOperation made = graph.operation(name);
    return made != null
        ? made
        : graph
            .opBuilder("Placeholder", name, graph.baseScope())
            .setAttr("dtype", Types.valueType(reference(variable).dataType()))
            .build();
  }

  private GraphOperation initializer(String variable) {
    String name = initializerName(variable);
    GraphOperation made = graph.operation(name);
    return made != null
        ? made
        : graph
            .opBuilder("Assign", name, graph.baseScope())
            .addInput(reference(variable))
            .addInput(initialValue(variable).output(0))
            .build();
  }

  private Output<?> reference(String variable) {
    return graph.operationOrThrow(variable).output(0);
  }
}
