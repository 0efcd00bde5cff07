/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.io.IOException;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.ChildProcess;
import org.vqjava.testing.Gradients;

/** A process that quantizes a large batch and prints the most memory that it ever had, in KiB. */
final class LookUpProcess {
  static final int ROWS = 65_536;
  static final int SIZE = 8_192;
  static final int WIDTH = 64;

  private LookUpProcess() {}

  public static void main(String[] arguments) throws IOException {
    boolean gradients = arguments[0].equals("gradients");
    Random random = new Random(1);
    float[] batch = new float[ROWS * WIDTH];
    for (int i = 0; i < batch.length; i++) {
      batch[i] = (float) random.nextGaussian();
    }
    try (Graph graph = new Graph();
        TFloat32 fed = TFloat32.tensorOf(Shape.of(ROWS, WIDTH), DataBuffers.of(batch))) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class);
      Operand<TFloat32> shaped = tf.reshape(x, tf.constant(new int[] {-1, WIDTH}));
      var codebook = Codebook.create(tf, "codebook", SIZE, WIDTH, CodebookInitializer.normal(1, 2));
      VqOptions options = VqOptions.defaults().withAlpha(1).withBeta(1).withGamma(1);
      var vq = VectorQuantization.vectorQuantization(tf, shaped, codebook, options);
      Operand<?> fetched =
          gradients ? Gradients.of(graph, vq.losses().total(), codebook.variable()) : vq.indices();
      try (Session session = new Session(graph)) {
        session.initialize();
        try (Result result = session.runner().feed(x, fed).fetch(fetched).run()) {
          System.out.println("values " + result.get(0).shape().size());
        }
      }
    }
    System.out.println("KiB " + ChildProcess.memory("VmHWM"));
  }
}
