/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterWeights;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.ops.Training;

/**
 * A weight of few values, forward and with the gradient to centroids and weight, beside
 * tensorflow-model-optimization's formula, written here anew.
 */
final class ClusteringRace {
  private static final float RATE = 1e-9f;

  private ClusteringRace() {}

  static Race of(int rows, int columns, int clusters) {
    TimedGraph one = TimedGraph.ofOneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> scale = one.fed();
    TFloat32 two = TFloat32.scalarOf(2f);
    TFloat32 start = TimedGraph.normal(1, rows, columns);
    Variable<TFloat32> variable = weight(tf, "ours", start);
    ClusteredWeight<TFloat32> clustered =
        ClusterWeights.cluster(
            tf,
            variable,
            ClusterOptions.ofClusters(clusters).withInitializer(CentroidInitializer.linear()));
    Variable<TFloat32> plain = weight(tf, "tfmot", start);
    Variable<TFloat32> centroids =
        tf.withName("tfmot-centroids").variable(Shape.of(clusters), TFloat32.class);
    Operand<TFloat32> theirs = absoluteDifferences(tf, plain, centroids);
    Op step = step(one, clustered.weight(), scale, clustered.trainable());
    Op theirStep = step(one, theirs, scale, List.of(plain, centroids));
    one.session().initialize();
    clustered.start(one.session());
    one.session().runner().addTarget(tf.assign(centroids, clustered.centroids())).run().close();
    BruteForce.checkNearest(
        "a clustered weight",
        TimedGraph.numbers(start),
        one.numbers(scale, two, tf.identity(clustered.centroids())),
        1,
        one.indices(scale, two, clustered.pullingIndices()));
    return new Race(
        "weight of " + rows + " x " + columns + " in " + clusters + " clusters",
        List.of(
            one.contender("tfmot's formula, step", scale, two, theirStep),
            one.contender("step: forward and gradient", scale, two, step),
            one.contender("forward", scale, two, loss(tf, clustered.weight(), scale))),
        () -> {
          one.close();
          two.close();
          start.close();
        });
  }

  private static Variable<TFloat32> weight(Ops tf, String name, TFloat32 start) {
    return tf.withName(name).variable(tf.constantOf(start));
  }

  private static Operand<TFloat32> loss(Ops tf, Operand<TFloat32> weight, Operand<TFloat32> scale) {
    return tf.sum(tf.math.square(tf.math.mul(weight, scale)), tf.constant(new int[] {0, 1}));
  }

  private static Op step(
      TimedGraph one,
      Operand<TFloat32> weight,
      Operand<TFloat32> scale,
      List<? extends Operand<TFloat32>> trained) {
    return Training.minimize(
        one.tf(),
        loss(one.tf(), weight, scale),
        List.copyOf(trained),
        new GradientDescent(one.graph(), RATE));
  }

  /** All differences, {@code [weights, clusters]}; the gradient goes to the weight, too. */
  private static Operand<TFloat32> absoluteDifferences(
      Ops tf, Variable<TFloat32> variable, Variable<TFloat32> centroids) {
    Operand<TFloat32> weight = tf.identity(variable);
    Operand<TFloat32> values = tf.identity(centroids);
    Operand<TInt32> nearest =
        tf.math.argMin(
            tf.math.abs(tf.math.sub(tf.expandDims(weight, tf.constant(2)), values)),
            tf.constant(2),
            TInt32.class);
    Operand<TFloat32> clustered = tf.gather(values, nearest, tf.constant(0));
    return tf.math.add(clustered, tf.math.sub(weight, tf.stopGradient(weight)));
  }
}
