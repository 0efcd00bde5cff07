/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TType;

/**
 * Creates variables that belong to a layer but are not trained: at the root of the graph, named
 * after the codebook, {@code codebook-usage}; of a second layer on it {@code codebook-usage-2}.
 */
record StateVariables(Graph graph, String owner) {

  <T extends TType> Operand<T> zeros(String what, Class<T> type, int... sizes) {
    String name = owner + "-" + what;
    for (int i = 2; graph.operation(name) != null; i++) {
      name = owner + "-" + what + "-" + i;
    }
    Ops root = Ops.create(graph);
    Ops init = root.withInitScope();
    return root.withName(name).variable(init.zeros(init.constant(sizes), type));
  }
}
