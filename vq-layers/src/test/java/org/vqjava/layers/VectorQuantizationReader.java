/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Gradients;

/** Runs a case of {@code vector_quantization}: one forward pass, its losses and gradients. */
final class VectorQuantizationReader {
  private VectorQuantizationReader() {}

  static void run(GoldenCase golden, SearchMode mode) {
    GoldenNode inputs = golden.inputs();
    GoldenNode expected = golden.expected();
    GoldenTensor input = inputs.tensorOrZeros("x", GoldenParams.ANY_INPUT);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(input.shape()));
      Codebook<TFloat32> codebook =
          GoldenParams.codebook(tf, golden.params(), inputs, input.shape());
      VqOptions options = GoldenParams.options(golden.params(), mode);
      VqEndpoints<TFloat32> vq = VectorQuantization.vectorQuantization(tf, x, codebook, options);

      GoldenOutputs outputs = new GoldenOutputs();
      outputs.addOfChoice(expected, "layer_out", vq.layerOut());
      outputs.addOfChoice(expected, "indices", vq.indices());
      outputs.addOfChoice(expected, "access_count", vq.accessCount());
      outputs.add(expected, "distance", vq.distance());
      outputs.add(expected, "emb_spacing", vq.embSpacing());
      outputs.add(expected, "emb_closest_spacing", vq.embClosestSpacing());
      GoldenNode losses = expected.child("losses");
      outputs.add(losses, "alpha", vq.losses().alpha());
      outputs.add(losses, "beta", vq.losses().beta());
      outputs.add(losses, "coulomb", vq.losses().coulomb());
      addGradients(graph, golden, outputs, vq, codebook.variable(), x);

      try (Session session = new Session(graph);
          var fed = (TFloat32) input.toTensor("float32")) {
        session.initialize();
        outputs.check(
            session.runner().feed(x, fed),
            vq.indices(),
            vq.distance(),
            mode == SearchMode.FAST,
            golden.tolerance());
      }
    }
  }

  private static void addGradients(
      Graph graph,
      GoldenCase golden,
      GoldenOutputs outputs,
      VqEndpoints<TFloat32> vq,
      Operand<TFloat32> embSpace,
      Operand<TFloat32> x) {
    GoldenNode gradients = golden.expected().child("gradients");
    VqLosses<TFloat32> losses = vq.losses();
    outputs.addOfChoice(gradients, "emb_space", Gradients.of(graph, losses.total(), embSpace));
    outputs.addOfChoice(
        gradients, "alpha/emb_space", Gradients.of(graph, losses.alpha(), embSpace));
    outputs.add(gradients, "beta/emb_space", Gradients.of(graph, losses.beta(), embSpace));
    outputs.add(gradients, "coulomb/emb_space", Gradients.of(graph, losses.coulomb(), embSpace));
    outputs.add(gradients, "alpha/x", Gradients.of(graph, losses.alpha(), x));
    outputs.add(gradients, "beta/x", Gradients.of(graph, losses.beta(), x));
    outputs.add(gradients, "coulomb/x", Gradients.of(graph, losses.coulomb(), x));
    if (!golden.inputs().has("layer_out_gradient")) {
      gradients.ignore("layer_out/x", "there is no gradient that arrives");
      gradients.ignore("layer_out/emb_space", "there is no gradient that arrives");
    } else {
      Ops tf = Ops.create(graph);
      GoldenTensor arriving = golden.inputs().tensor("layer_out_gradient");
      Operand<TFloat32> flat =
          tf.math.mul(
              tf.reshape(vq.layerOut(), tf.constant(new int[] {-1})),
              tf.dtypes.cast(tf.constant(arriving.doubles()), TFloat32.class));
      Operand<TFloat32> sum = tf.sum(flat, tf.constant(0));
      outputs.add(gradients, "layer_out/x", Gradients.of(graph, sum, x));
      outputs.add(gradients, "layer_out/emb_space", Gradients.of(graph, sum, embSpace));
    }
  }
}
