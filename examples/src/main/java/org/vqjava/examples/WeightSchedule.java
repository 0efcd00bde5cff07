/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.List;
import java.util.Locale;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;

/** The β-loss pulls all codes to the data at first, and lets go of them step by step. */
public final class WeightSchedule {
  private WeightSchedule() {}

  /**
   * Prints the β-loss of each step.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[][] {{10, 10}, {11, 9}, {9, 10}});
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 8, 2, CodebookInitializer.uniform(-1, 1, 3));
      // region build
      var beta = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      var options = VqOptions.defaults().withBeta(beta);
      var vq = VectorQuantization.vectorQuantization(tf, x, codebook, options);
      // endregion
      List<Operand<TFloat32>> trained = List.of(codebook.variable());
      Op step = Training.minimize(tf, vq.losses().total(), trained, new GradientDescent(graph, 1f));
      try (Session session = new Session(graph)) {
        session.initialize();
        // region train
        for (int i = 0; i < 5; i++) {
          try (TFloat32 weight = TFloat32.scalarOf((float) Math.pow(0.5, i));
              var result =
                  session
                      .runner()
                      .feed(beta, weight)
                      .addTarget(step)
                      .fetch(vq.losses().beta())
                      .run()) {
            System.out.printf(
                Locale.ROOT, "beta-loss %.3f%n", ((TFloat32) result.get(0)).getFloat());
          }
        }
        // endregion
      }
    }
  }
}
