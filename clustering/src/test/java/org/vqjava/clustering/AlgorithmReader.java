/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Gradients;

/** Runs a case of the clustering algorithm, whole or per channel. */
final class AlgorithmReader {
  private AlgorithmReader() {}

  static void run(GoldenCase golden) {
    GoldenNode params = golden.params();
    GoldenNode inputs = golden.inputs();
    GoldenNode expected = golden.expected();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> centroids =
          floats(tf, inputs.tensorOrZeros("cluster_centroids", Shape.of(1)));
      Operand<TFloat32> weight = floats(tf, inputs.tensorOrZeros("weight", Shape.of(2, 2)));
      GradientAggregation aggregation =
          GradientAggregation.of(params.text("cluster_gradient_aggregation"));
      WeightClustering<TFloat32> algorithm =
          params.flag("cluster_per_channel")
              ? new ClusteringAlgorithmPerChannel<>(
                  centroids, aggregation, DataFormat.of(params.text("data_format")))
              : new ClusteringAlgorithm<>(centroids, aggregation);

      Operand<TInt32> nearest = algorithm.pullingIndices(tf, weight);
      Operand<TInt32> indices =
          inputs.has("pulling_indices")
              ? tf.dtypes.cast(
                  tf.reshape(
                      tf.constant(inputs.tensor("pulling_indices").doubles()), tf.shape(weight)),
                  TInt32.class)
              : nearest;
      Operand<TFloat32> clustered = algorithm.clusteredWeight(tf, indices, weight);
      GoldenOutputs outputs = new GoldenOutputs();
      outputs.add(expected, "pulling_indices", nearest);
      outputs.add(expected, "clustered_weight", clustered);
      GoldenNode gradients = expected.child("gradients");
      if (inputs.has("upstream")) {
        Operand<TFloat32> upstream = floats(tf, inputs.tensor("upstream"));
        Operand<TFloat32> loss =
            tf.sum(
                tf.reshape(tf.math.mul(clustered, upstream), tf.constant(new int[] {-1})),
                tf.constant(0));
        outputs.add(gradients, "cluster_centroids", Gradients.of(graph, loss, centroids));
        outputs.add(gradients, "weight", Gradients.of(graph, loss, weight));
      } else {
        gradients.ignoreAll("there is no gradient that arrives");
      }
      try (Session session = new Session(graph)) {
        outputs.check(session.runner(), golden.tolerance());
      }
    }
  }

  private static Operand<TFloat32> floats(Ops tf, GoldenTensor tensor) {
    return tf.reshape(
        tf.dtypes.cast(tf.constant(tensor.doubles()), TFloat32.class),
        tf.constant(tensor.shape().asArray()));
  }
}
