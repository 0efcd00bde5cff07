/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.CosineKnnOptions;
import org.vqjava.layers.CosineKnnVectorQuantization;

/** Labelled codes vote; a vector between two labels passes as it is. */
public final class VoteOfNeighbours {
  private VoteOfNeighbours() {}

  /**
   * Prints labels and output.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      // region build
      float[] codes = {1, 0, 1, 0.1f, 1, -0.1f, 0, 1, 0.1f, 1, -0.1f, 1};
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 6, 2, CodebookInitializer.constant(codes));
      Operand<TInt32> labels = tf.constant(new int[] {0, 0, 0, 1, 1, 1});
      Operand<TFloat32> x = tf.constant(new float[][] {{5, 0.2f}, {0, 3}, {2, 2.1f}});
      var vq =
          CosineKnnVectorQuantization.cosineKnnVectorQuantization(
              tf,
              x,
              codebook,
              labels,
              2,
              CosineKnnOptions.ofNeighbours(3).withMajorityThreshold(0.7));
      // endregion
      try (Session session = new Session(graph)) {
        session.initialize();
        try (var result = session.runner().fetch(vq.mostCommonLabel()).fetch(vq.layerOut()).run()) {
          int[] winners = StdArrays.array1dCopyOf((TInt32) result.get(0));
          float[][] out = StdArrays.array2dCopyOf((TFloat32) result.get(1));
          System.out.println("labels " + Arrays.toString(winners));
          System.out.println("output " + Arrays.deepToString(out));
        }
      }
    }
  }
}
