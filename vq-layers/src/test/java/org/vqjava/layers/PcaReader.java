/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Pca;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;

/** Runs a case of {@code pca_reduce_dims}: what does not depend on the signs of the axes. */
final class PcaReader {
  private PcaReader() {}

  static void run(GoldenCase golden) {
    GoldenTensor input = golden.inputs().tensorOrZeros("x", Shape.of(2, 4));
    GoldenNode expected = golden.expected();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(input.shape()));
      Pca<TFloat32> pca = Pca.fit(tf, x, golden.params().integer("num_components"));
      Operand<TFloat32> projection = pca.project(tf, x);
      GoldenOutputs outputs = new GoldenOutputs();
      outputs.add(expected, "projection_abs", tf.math.abs(projection));
      outputs.add(expected, "principal_components_abs", tf.math.abs(pca.axes()));
      outputs.add(
          expected,
          "projection_gram",
          tf.linalg.matMul(projection, projection, MatMul.transposeB(true)));
      outputs.add(
          expected,
          "reconstruction",
          tf.math.sub(pca.reconstruct(tf, projection), pca.mean())); // of the centred rows
      try (Session session = new Session(graph);
          var fed = (TFloat32) input.toTensor("float32")) {
        outputs.check(session.runner().feed(x, fed), golden.tolerance());
      }
    }
  }
}
