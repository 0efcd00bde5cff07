/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

// region quickstart
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;

class Quickstart {
  public static void main(String[] args) {
    try (Graph graph = new Graph()) {
      var tf = Ops.create(graph);
      var x = tf.constant(new float[][] {{1, 1}, {1.2f, 0.8f}, {-1, 1}, {-0.8f, 1.2f}, {0, -1}});
      var codebook = Codebook.create(tf, "codebook", 3, 2, CodebookInitializer.kMeansPlusPlus(1));
      var vq = VectorQuantization.vectorQuantization(tf, x, codebook, VqOptions.defaults());
      var trained = List.of(codebook.variable());
      var step = Training.minimize(tf, vq.losses().total(), trained, new Adam(graph, 0.01f));
      try (var session = new Session(graph)) {
        session.initialize();
        session.runner().addTarget(vq.embSpaceBatchInit().orElseThrow()).run().close();
        for (int i = 0; i < 100; i++) {
          session.runner().addTarget(step).run().close();
        }
        try (var result = session.runner().fetch(vq.indices()).fetch(codebook.values()).run()) {
          var indices = StdArrays.array1dCopyOf((TInt32) result.get(0));
          var codes = StdArrays.array2dCopyOf((TFloat32) result.get(1));
          System.out.println("codes taken " + Arrays.toString(indices));
          System.out.println("codebook    " + Arrays.deepToString(codes));
        }
      }
    }
  }
}
// endregion
