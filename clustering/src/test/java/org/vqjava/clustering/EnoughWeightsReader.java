/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.Tolerance;

/** Runs a case of which convolution kernels have enough weights. */
final class EnoughWeightsReader {
  private EnoughWeightsReader() {}

  static void run(GoldenCase golden) {
    ClusterOptions options =
        ClusterOptions.ofClusters(golden.params().integer("number_of_clusters"))
            .withPerChannel(golden.params().flag("cluster_per_channel"));
    double[] shapes = golden.inputs().tensor("kernel_shapes").doubles();
    double[] enough = new double[shapes.length / 4];
    for (int i = 0; i < enough.length; i++) {
      Shape kernel =
          Shape.of(
              (long) shapes[4 * i],
              (long) shapes[4 * i + 1],
              (long) shapes[4 * i + 2],
              (long) shapes[4 * i + 3]);
      enough[i] = options.hasEnoughWeights(kernel) ? 1 : 0;
    }
    Tolerance.EXACT.check(
        "has_enough_weights", enough, golden.expected().tensor("has_enough_weights").doubles());
  }
}
