/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.io.IOException;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.ChildProcess;

/**
 * A process that clusters many weights in one forward pass and prints how much more memory it had
 * at the most than before, in KiB.
 */
final class ClusteringProcess {
  static final int WEIGHTS = 24_000_000;
  private static final int CLUSTERS = 256;

  private ClusteringProcess() {}

  public static void main(String[] arguments) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Ops init = tf.withInitScope();
      Variable<TFloat32> kernel =
          tf.withName("kernel")
              .variable(
                  init.random.statelessRandomNormal(
                      init.constant(new int[] {6000, WEIGHTS / 6000}),
                      init.constant(new long[] {1, 2}),
                      TFloat32.class));
      ClusteredWeight<TFloat32> clustered =
          ClusterWeights.cluster(tf, kernel, ClusterOptions.ofClusters(CLUSTERS));
      float[] centroids = new float[CLUSTERS];
      for (int j = 0; j < CLUSTERS; j++) {
        centroids[j] = -3 + 6f * j / (CLUSTERS - 1);
      }
      var set = tf.assign(clustered.centroidVariable(), tf.constant(centroids));
      Operand<TFloat32> sum =
          tf.sum(tf.reshape(clustered.weight(), tf.constant(new int[] {-1})), tf.constant(0));
      try (Session session = new Session(graph)) {
        session.initialize();
        session.runner().addTarget(set).run().close();
        ChildProcess.resetPeakMemory();
        long before = ChildProcess.memory("VmRSS");
        try (Result result = session.runner().fetch(sum).run()) {
          System.out.println("values " + result.get(0).shape().size());
        }
        System.out.println("KiB " + (ChildProcess.memory("VmHWM") - before));
      }
    }
  }
}
