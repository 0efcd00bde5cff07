/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.ClusterWeights;
import org.vqjava.clustering.ClusteredWeight;

/** What docs/guide/weight-clustering.md says of the names that plans are held against. */
class VariableNamesTest {
  private static Operand<TFloat32> variable(Ops tf) {
    return tf.variable(Shape.of(4, 8), TFloat32.class);
  }

  @Test
  void variablesAreNamedByScopesAndWithName() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      List<Operand<TFloat32>> variables =
          List.of(
              variable(tf.withSubScope("encoder").withName("kernel")),
              variable(tf.withName("kernel")),
              variable(tf.withName("kernel")),
              variable(tf),
              variable(tf.withName("bias")));
      assertEquals(
          List.of("encoder/kernel", "kernel", "kernel_1", "Variable", "bias"),
          variables.stream().map(v -> v.op().name()).toList());
      ClusterOptions options = ClusterOptions.ofClusters(4);
      for (ClusterPlan plan :
          List.of(
              ClusterPlan.ofKernels(options),
              new ClusterPlan(List.of()).with(".*kernel.*", options))) {
        assertEquals(
            List.of("encoder/kernel", "kernel", "kernel_1"),
            ClusterWeights.clusterAll(tf, variables, plan).clustered().stream()
                .map(ClusteredWeight::name)
                .toList());
      }
    }
  }
}
