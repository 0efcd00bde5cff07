/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterWeights;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.clustering.ClusteringReport;
import org.vqjava.ops.Training;

/** Makes a kernel of four different values and trains it further. */
public final class ClusterKernel {
  private ClusterKernel() {}

  /**
   * Prints the loss before and after training, the sizes of the clusters, and a report.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Ops init = tf.withInitScope();
      Variable<TFloat32> variable = tf.withName("kernel").variable(normal(init, 1, 16, 8));
      Operand<TFloat32> x = normal(tf, 2, 64, 16);
      Operand<TFloat32> wanted = normal(tf, 3, 64, 8);
      // region cluster
      ClusteredWeight<TFloat32> kernel =
          ClusterWeights.cluster(tf, variable, ClusterOptions.ofClusters(4));
      Operand<TFloat32> y = tf.linalg.matMul(x, kernel.weight());
      // endregion
      Operand<TFloat32> loss =
          tf.math.mean(tf.math.squaredDifference(y, wanted), tf.constant(new int[] {0, 1}));
      // region train
      List<Operand<TFloat32>> trainable = new ArrayList<>(kernel.trainable());
      Op step = Training.minimize(tf, loss, trainable, new Adam(graph, 0.01f));
      try (Session session = new Session(graph)) {
        session.initialize();
        kernel.start(session);
        // endregion
        System.out.printf(Locale.ROOT, "loss %.2f%n", scalar(session, loss));
        for (int i = 0; i < 500; i++) {
          session.runner().addTarget(step).run().close();
        }
        System.out.printf(Locale.ROOT, "loss %.2f%n", scalar(session, loss));
        // region strip
        System.out.print(ClusteringReport.of(session, List.of(kernel), List.of()));
        kernel.strip(session);
        // endregion
        try (Result result = session.runner().fetch(kernel.clusterSizes()).run()) {
          TInt64 sizes = (TInt64) result.get(0);
          System.out.printf(
              Locale.ROOT,
              "cluster sizes %d %d %d %d%n",
              sizes.getLong(0),
              sizes.getLong(1),
              sizes.getLong(2),
              sizes.getLong(3));
        }
      }
    }
  }

  private static double scalar(Session session, Operand<TFloat32> operand) {
    try (Result result = session.runner().fetch(operand).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  private static Operand<TFloat32> normal(Ops tf, long seed, int rows, int columns) {
    return tf.random.statelessRandomNormal(
        tf.constant(new int[] {rows, columns}), tf.constant(new long[] {seed, 0}), TFloat32.class);
  }
}
