/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Gradients;

/** Runs a case of {@code cosine_vector_quantization} or {@code cosine_knn_vector_quantization}. */
final class CosineReader {
  private CosineReader() {}

  static void run(GoldenCase golden, SearchMode mode) {
    GoldenNode params = golden.params();
    GoldenTensor input = golden.inputs().tensorOrZeros("x", GoldenParams.ANY_INPUT);
    params.ignore("constant_init", "how the original was handed the codebook");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(input.shape()));
      Codebook<TFloat32> codebook =
          GoldenParams.codebook(tf, params, golden.inputs(), input.shape());
      CosineVqOptions lookUp =
          CosineVqOptions.defaults()
              .withSplits(GoldenParams.splits(params))
              .withMode(mode)
              .withStraightThrough(false);
      CosineVqOptions reduced =
          GoldenParams.reduction(params).map(lookUp::withReduction).orElse(lookUp);
      GoldenOutputs outputs = new GoldenOutputs();
      if (golden.function().equals("cosine_vector_quantization")) {
        var vq = CosineVectorQuantization.cosineVectorQuantization(tf, x, codebook, reduced);
        add(golden, outputs, "indices", vq.indices());
        add(golden, outputs, "similarity_values", turned(tf, vq.similarityValues()));
        add(golden, outputs, "percentage_identity_mapped", vq.percentageIdentityMapped());
        addLayerOut(graph, golden, outputs, vq.layerOut(), codebook.variable(), x);
      } else {
        var vq = knn(tf, golden, x, codebook, reduced);
        add(golden, outputs, "most_common_label", vq.mostCommonLabel());
        add(golden, outputs, "identity_mapping_mask", vq.identityMappingMask());
        add(golden, outputs, "similarity_values", turned(tf, vq.similarityValues()));
        add(golden, outputs, "percentage_identity_mapped", vq.percentageIdentityMapped());
        addLayerOut(graph, golden, outputs, vq.layerOut(), codebook.variable(), x);
      }
      try (Session session = new Session(graph);
          var fed = (TFloat32) input.toTensor("float32")) {
        session.initialize();
        outputs.check(session.runner().feed(x, fed), golden.tolerance());
      }
    }
  }

  private static CosineKnnEndpoints<TFloat32> knn(
      Ops tf,
      GoldenCase golden,
      Operand<TFloat32> x,
      Codebook<TFloat32> codebook,
      CosineVqOptions lookUp) {
    GoldenNode params = golden.params();
    Shape ofCodes = Shape.of(Math.max(params.integer("n"), 0));
    double[] labels = golden.inputs().tensorOrZeros("emb_labels", ofCodes).doubles();
    int[] integers = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      integers[i] = (int) labels[i];
    }
    CosineKnnOptions options =
        CosineKnnOptions.ofNeighbours(params.integer("k"))
            .withProjection(CosineKnnOptions.Projection.FIRST)
            .withLookUp(lookUp);
    double threshold = params.number("majority_threshold");
    return CosineKnnVectorQuantization.cosineKnnVectorQuantization(
        tf,
        x,
        codebook,
        tf.constant(integers),
        params.integer("num_classes"),
        threshold < 0 ? options : options.withMajorityThreshold(threshold));
  }

  /** The original lists similarities position by position: {@code [m, batch]}. */
  private static Operand<TFloat32> turned(Ops tf, Operand<TFloat32> values) {
    Operand<TFloat32> matrix =
        tf.reshape(values, tf.constant(new int[] {Math.toIntExact(values.shape().get(0)), -1}));
    return tf.linalg.transpose(matrix, tf.constant(new int[] {1, 0}));
  }

  private static <T extends TType> void add(
      GoldenCase golden, GoldenOutputs outputs, String key, Operand<T> actual) {
    outputs.add(golden.expected(), key, actual);
  }

  private static void addLayerOut(
      Graph graph,
      GoldenCase golden,
      GoldenOutputs outputs,
      Operand<TFloat32> layerOut,
      Operand<TFloat32> embSpace,
      Operand<TFloat32> x) {
    add(golden, outputs, "layer_out", layerOut);
    GoldenNode gradients = golden.expected().child("gradients");
    if (!golden.inputs().has("layer_out_gradient")) {
      gradients.ignoreAll("there is no gradient that arrives");
      return;
    }
    Ops tf = Ops.create(graph);
    GoldenTensor arriving = golden.inputs().tensor("layer_out_gradient");
    Operand<TFloat32> sum =
        tf.sum(
            tf.math.mul(
                tf.reshape(layerOut, tf.constant(new int[] {-1})),
                tf.dtypes.cast(tf.constant(arriving.doubles()), TFloat32.class)),
            tf.constant(0));
    outputs.add(gradients, "layer_out/x", Gradients.of(graph, sum, x));
    outputs.add(gradients, "layer_out/emb_space", Gradients.of(graph, sum, embSpace));
  }
}
