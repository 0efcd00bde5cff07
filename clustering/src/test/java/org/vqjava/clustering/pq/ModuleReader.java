/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.ops.AccessCount;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Gradients;

/** Runs cases of quantized layers: forward and gradients. */
final class ModuleReader {
  private final GoldenNode params;
  private final GoldenNode inputs;
  private final Ops tf;

  private ModuleReader(GoldenCase golden, Graph graph) {
    params = golden.params();
    inputs = golden.inputs();
    tf = Ops.create(graph);
  }

  static void run(GoldenCase golden) {
    try (Graph graph = new Graph()) {
      new ModuleReader(golden, graph).run(golden, graph);
    }
  }

  private void run(GoldenCase golden, Graph graph) {
    String module = params.text("module");
    boolean convolution = module.equals("PQConv2d");
    GoldenNode expected = golden.expected();
    expected.keys().stream()
        .filter(k -> k.equals("not_a_number_rows") || k.equals("backward_error"))
        .forEach(k -> expected.ignore(k, "a failure of the original"));
    Shape shape = shape(module, expected);
    int k = params.integer("n_centroids");
    QuantizedVariable quantized =
        QuantizedVariable.create(
            tf,
            "weight",
            new QuantizedWeight(
                shape,
                BlockLayout.ROWS,
                params.integer("block_size"),
                GoldenDraws.floats(inputs.tensor("centroids")),
                new Assignments(GoldenDraws.ints(inputs, "assignments"), k)),
            convolution ? GradientAggregation.AVG : GradientAggregation.SUM);

    GoldenTensor input = inputs.tensor("x");
    Operand<TFloat32> x = floats(input);
    boolean biased = inputs.has("bias");
    Operand<TFloat32> bias = biased ? floats(inputs.tensor("bias")) : tf.constant(0f);
    Operand<TFloat32> output =
        switch (module) {
          case "PQLinear" ->
              tf.math.add(
                  tf.linalg.einsum(
                      List.of(x, quantized.weight()),
                      input.shape().numDimensions() == 3 ? "bti,oi->bto" : "bi,oi->bo"),
                  bias);
          case "PQConv2d" -> convolve(x, quantized.weight(), bias, biased);
          case "PQEmbedding" -> embed(quantized.weight(), input);
          default -> throw new AssertionError("the reader does not know " + module);
        };
    for (String size :
        List.of(
            "in_features",
            "out_features",
            "in_channels",
            "out_channels",
            "num_embeddings",
            "embedding_dim")) {
      params.ignore(size, "follows from the tensors");
    }
    GoldenOutputs outputs = new GoldenOutputs();
    outputs.add(expected, "weight", quantized.weight());
    outputs.add(expected, "output", output);
    outputs.add(
        expected,
        "counts",
        tf.dtypes.cast(
            AccessCount.of(tf, tf.identity(quantized.assignments()), k), TFloat32.class));
    GoldenNode gradients = expected.child("gradients");
    if (inputs.has("grad_output")) {
      Operand<TFloat32> loss =
          tf.sum(
              tf.reshape(
                  tf.math.mul(output, floats(inputs.tensor("grad_output"))),
                  tf.constant(new int[] {-1})),
              tf.constant(0));
      outputs.add(gradients, "centroids", Gradients.of(graph, loss, quantized.centroids()));
      if (biased) {
        outputs.add(gradients, "bias", Gradients.of(graph, loss, bias));
      }
      outputs.add(gradients, "x", Gradients.of(graph, loss, x));
    } else {
      gradients.ignoreAll("there is no gradient that arrives");
    }
    try (Session session = new Session(graph)) {
      session.initialize();
      outputs.check(session.runner(), golden.tolerance());
    }
  }

  /** A case that is to be refused lacks the weight that would come out. */
  private Shape shape(String module, GoldenNode expected) {
    if (expected.has("weight")) {
      return expected.tensor("weight").shape();
    }
    return switch (module) {
      case "PQLinear" -> Shape.of(params.integer("out_features"), params.integer("in_features"));
      case "PQEmbedding" ->
          Shape.of(params.integer("num_embeddings"), params.integer("embedding_dim"));
      default -> {
        int groups = params.has("groups") ? Math.max(1, params.integer("groups")) : 1;
        int[] kernel = pair("kernel_size", 1);
        yield Shape.of(
            params.integer("out_channels"),
            params.integer("in_channels") / groups,
            kernel[0],
            kernel[1]);
      }
    };
  }

  private Operand<TFloat32> floats(GoldenTensor tensor) {
    return tf.reshape(
        tf.dtypes.cast(tf.constant(tensor.doubles()), TFloat32.class),
        tf.constant(tensor.shape().asArray()));
  }

  private Operand<TFloat32> embed(Operand<TFloat32> weight, GoldenTensor input) {
    Operand<TInt32> indices =
        tf.reshape(tf.constant(GoldenDraws.ints(input)), tf.constant(input.shape().asArray()));
    Operand<TFloat32> rows = tf.gather(weight, indices, tf.constant(0));
    if (!params.has("padding_idx")) {
      return rows;
    }
    Operand<TFloat32> passes =
        tf.expandDims(
            tf.dtypes.cast(
                tf.math.notEqual(indices, tf.constant(params.integer("padding_idx"))),
                TFloat32.class),
            tf.constant(-1));
    return tf.math.add(
        tf.math.mul(rows, passes),
        tf.stopGradient(tf.math.mul(rows, tf.math.sub(tf.constant(1f), passes))));
  }

  /** By shifted copies of the image, as TensorFlow's own lacks groups and dilated gradients. */
  private Operand<TFloat32> convolve(
      Operand<TFloat32> x, Operand<TFloat32> weight, Operand<TFloat32> bias, boolean biased) {
    int[] padding = pair("padding", 0);
    int[] stride = pair("stride", 1);
    int[] dilation = pair("dilation", 1);
    int groups = params.has("groups") ? params.integer("groups") : 1;
    params.ignore("kernel_size", "follows from the weight");
    params.ignore("padding_mode", "the original ignores it");
    int batch = size(x, 0);
    int channels = size(x, 1);
    int out = size(weight, 0);
    int kh = size(weight, 2);
    int kw = size(weight, 3);
    int oh = (size(x, 2) + 2 * padding[0] - dilation[0] * (kh - 1) - 1) / stride[0] + 1;
    int ow = (size(x, 3) + 2 * padding[1] - dilation[1] * (kw - 1) - 1) / stride[1] + 1;
    Operand<TFloat32> padded =
        tf.pad(
            x,
            tf.constant(
                new int[][] {{0, 0}, {0, 0}, {padding[0], padding[0]}, {padding[1], padding[1]}}),
            tf.constant(0f));
    List<Operand<TFloat32>> shifted = new ArrayList<>();
    for (int i = 0; i < kh; i++) {
      for (int j = 0; j < kw; j++) {
        int y = i * dilation[0];
        int z = j * dilation[1];
        shifted.add(
            tf.stridedSlice(
                padded,
                tf.constant(new int[] {0, 0, y, z}),
                tf.constant(
                    new int[] {
                      batch, channels, y + stride[0] * (oh - 1) + 1, z + stride[1] * (ow - 1) + 1
                    }),
                tf.constant(new int[] {1, 1, stride[0], stride[1]})));
      }
    }
    Operand<TFloat32> patches =
        tf.reshape(
            tf.linalg.transpose(tf.stack(shifted), tf.constant(new int[] {1, 2, 0, 3, 4})),
            tf.constant(new int[] {batch, groups, channels / groups * kh * kw, oh * ow}));
    Operand<TFloat32> kernels =
        tf.reshape(
            weight, tf.constant(new int[] {groups, out / groups, channels / groups * kh * kw}));
    Operand<TFloat32> y =
        tf.reshape(
            tf.linalg.einsum(List.of(kernels, patches), "goc,bgcp->bgop"),
            tf.constant(new int[] {batch, out, oh, ow}));
    return biased ? tf.math.add(y, tf.reshape(bias, tf.constant(new int[] {1, out, 1, 1}))) : y;
  }

  private static int size(Operand<?> operand, int axis) {
    return Math.toIntExact(operand.shape().get(axis));
  }

  private int[] pair(String key, int otherwise) {
    if (!params.has(key)) {
      return new int[] {otherwise, otherwise};
    }
    JsonNode value = params.json(key);
    return value.isArray()
        ? new int[] {value.get(0).intValue(), value.get(1).intValue()}
        : new int[] {value.intValue(), value.intValue()};
  }
}
