/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.List;
import java.util.Locale;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.CodebookUsage;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;

/**
 * A codebook far from its data, of which one code takes everything, until dead codes are replaced.
 */
public final class ReplaceDeadCodes {
  private static final int CODES = 32;
  private static final int STEPS_BETWEEN = 20;

  private ReplaceDeadCodes() {}

  /**
   * Prints the usage of the codebook after each replacement.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      // region build
      Operand<TFloat32> x = batchAwayFromTheOrigin(tf);
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", CODES, 4, CodebookInitializer.normal(1, 7));
      var vq =
          VectorQuantization.vectorQuantization(
              tf,
              x,
              codebook,
              VqOptions.defaults()
                  .withReplaced(8)
                  .withReplacementPolicy(ReplacementPolicy.UNUSED_CODES));
      var replacement = vq.replacement().orElseThrow();
      Op step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new Adam(graph, 0.01f),
              List.of(vq.accessCount())); // fetched together with the step
      // endregion
      try (Session session = new Session(graph)) {
        session.initialize();
        // region train
        CodebookUsage usage = new CodebookUsage(CODES, STEPS_BETWEEN);
        for (int i = 1; i <= 6 * STEPS_BETWEEN; i++) {
          Session.Runner runner = session.runner().addTarget(step).addTarget(replacement.update());
          try (var result = runner.fetch(vq.accessCount()).run()) {
            usage.add(result.get(0));
          }
          if (i % STEPS_BETWEEN == 0) {
            System.out.printf(Locale.ROOT, "step %3d: %d codes used%n", i, usage.summary().used());
            session.runner().addTarget(replacement.replaceEmbeds()).run().close();
          }
        }
        // endregion
      }
    }
  }

  private static Operand<TFloat32> batchAwayFromTheOrigin(Ops tf) {
    Operand<TFloat32> normal =
        tf.random.statelessRandomNormal(
            tf.constant(Shape.of(256, 4)), tf.constant(new long[] {1, 2}), TFloat32.class);
    return tf.math.add(normal, tf.constant(10f));
  }
}
