/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.testing.GoldenNode;

/** The layers of the traces, as the cases' README defines them; weights by their names. */
final class TraceLayers {
  private final Ops tf;
  private final GoldenNode params;
  private final Function<String, Operand<TFloat32>> weight;
  private final Predicate<String> there;

  TraceLayers(
      Ops tf,
      GoldenNode params,
      Function<String, Operand<TFloat32>> weight,
      Predicate<String> there) {
    this.tf = tf;
    this.params = params;
    this.weight = weight;
    this.there = there;
  }

  /** With a bias, if the layer has it. */
  private Operand<TFloat32> plus(Operand<TFloat32> y, String bias) {
    return there.test(bias) ? tf.math.add(y, weight.apply(bias)) : y;
  }

  /** The layer of the case. */
  Operand<TFloat32> build(Operand<?> input) {
    String layer = params.text("layer");
    if (layer.equals("Embedding")) {
      return tf.gather(weight.apply("embeddings"), integers(input), tf.constant(0));
    }
    Operand<TFloat32> x = floats(input);
    return switch (layer) {
      case "Dense" -> dense(x);
      case "MLP" -> mlp(x);
      case "TwoKernels" -> twoKernels(x);
      case "Conv2D" -> convolution(x);
      case "SimpleRNN", "LSTM", "GRU" -> recurrent(layer, x);
      case "MultiHeadAttention" -> attention(x);
      default -> throw new AssertionError("the reader does not know the layer " + layer);
    };
  }

  private Operand<TFloat32> dense(Operand<TFloat32> x) {
    return activation(plus(tf.linalg.matMul(x, weight.apply("kernel")), "bias"));
  }

  private Operand<TFloat32> mlp(Operand<TFloat32> x) {
    Operand<TFloat32> hidden =
        tf.nn.relu(plus(tf.linalg.matMul(x, weight.apply("dense_0.kernel")), "dense_0.bias"));
    return plus(tf.linalg.matMul(hidden, weight.apply("dense_1.kernel")), "dense_1.bias");
  }

  private Operand<TFloat32> twoKernels(Operand<TFloat32> x) {
    Operand<TFloat32> hidden = tf.math.tanh(tf.linalg.matMul(x, weight.apply("kernel_a")));
    return plus(tf.linalg.matMul(hidden, weight.apply("kernel_b")), "bias");
  }

  private Operand<TFloat32> convolution(Operand<TFloat32> x) {
    long stride = params.integer("strides");
    String padding = params.text("padding").toUpperCase(Locale.ROOT);
    Operand<TFloat32> y =
        tf.nn.conv2d(x, weight.apply("kernel"), List.of(1L, stride, stride, 1L), padding);
    return activation(plus(y, "bias"));
  }

  private Operand<TFloat32> activation(Operand<TFloat32> y) {
    String name = params.has("activation") ? params.text("activation") : "linear";
    return switch (name) {
      case "linear" -> y;
      case "relu" -> tf.nn.relu(y);
      case "tanh" -> tf.math.tanh(y);
      case "sigmoid" -> tf.math.sigmoid(y);
      default -> throw new AssertionError("the reader does not know the activation " + name);
    };
  }

  private Operand<TFloat32> recurrent(String layer, Operand<TFloat32> x) {
    int batch = (int) x.shape().get(0);
    int units = params.integer("units");
    Operand<TFloat32> h = tf.zeros(tf.constant(new int[] {batch, units}), TFloat32.class);
    Operand<TFloat32> c = h;
    for (int t = 0; t < x.shape().get(1); t++) {
      Operand<TFloat32> xt =
          tf.reshape(
              tf.slice(x, tf.constant(new int[] {0, t, 0}), tf.constant(new int[] {-1, 1, -1})),
              tf.constant(new long[] {batch, x.shape().get(2)}));
      Operand<TFloat32> in = tf.linalg.matMul(xt, weight.apply("kernel/0"));
      Operand<TFloat32> back = tf.linalg.matMul(h, weight.apply("recurrent_kernel/0"));
      switch (layer) {
        case "SimpleRNN" -> h = tf.math.tanh(plus(tf.math.add(in, back), "bias"));
        case "LSTM" -> {
          List<Operand<TFloat32>> gates = split(plus(tf.math.add(in, back), "bias"), 4);
          c =
              tf.math.add(
                  tf.math.mul(tf.math.sigmoid(gates.get(1)), c),
                  tf.math.mul(tf.math.sigmoid(gates.get(0)), tf.math.tanh(gates.get(2))));
          h = tf.math.mul(tf.math.sigmoid(gates.get(3)), tf.math.tanh(c));
        }
        default -> h = gru(in, back, h);
      }
    }
    return h;
  }

  private Operand<TFloat32> gru(Operand<TFloat32> in, Operand<TFloat32> back, Operand<TFloat32> h) {
    Operand<TFloat32> bias = weight.apply("bias");
    List<Operand<TFloat32>> x = split(tf.math.add(in, row(bias, 0)), 3);
    List<Operand<TFloat32>> r = split(tf.math.add(back, row(bias, 1)), 3);
    Operand<TFloat32> update = tf.math.sigmoid(tf.math.add(x.get(0), r.get(0)));
    Operand<TFloat32> reset = tf.math.sigmoid(tf.math.add(x.get(1), r.get(1)));
    Operand<TFloat32> candidate = tf.math.tanh(tf.math.add(x.get(2), tf.math.mul(reset, r.get(2))));
    return tf.math.add(
        tf.math.mul(update, h), tf.math.mul(tf.math.sub(tf.constant(1f), update), candidate));
  }

  private Operand<TFloat32> row(Operand<TFloat32> matrix, int i) {
    return tf.gather(matrix, tf.constant(i), tf.constant(0));
  }

  private List<Operand<TFloat32>> split(Operand<TFloat32> gates, int count) {
    List<Operand<TFloat32>> parts = new ArrayList<>();
    int units = params.integer("units");
    for (int i = 0; i < count; i++) {
      parts.add(
          tf.slice(
              gates, tf.constant(new int[] {0, i * units}), tf.constant(new int[] {-1, units})));
    }
    return parts;
  }

  /** Einsum has a gradient in TensorFlow's C++ part. */
  private Operand<TFloat32> attention(Operand<TFloat32> x) {
    Operand<TFloat32> q = projection(x, "_query_dense");
    Operand<TFloat32> k = projection(x, "_key_dense");
    Operand<TFloat32> v = projection(x, "_value_dense");
    float scale = (float) (1 / Math.sqrt(params.integer("key_dim")));
    Operand<TFloat32> scores =
        tf.nn.softmax(
            tf.math.mul(tf.linalg.einsum(List.of(q, k), "bthk,bshk->bhts"), tf.constant(scale)));
    Operand<TFloat32> mixed = tf.linalg.einsum(List.of(scores, v), "bhts,bshk->bthk");
    return tf.math.add(
        tf.linalg.einsum(List.of(mixed, weight.apply("_output_dense.kernel")), "bthk,hkd->btd"),
        weight.apply("_output_dense.bias"));
  }

  private Operand<TFloat32> projection(Operand<TFloat32> x, String name) {
    return tf.math.add(
        tf.linalg.einsum(List.of(x, weight.apply(name + ".kernel")), "btd,dhk->bthk"),
        weight.apply(name + ".bias"));
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> floats(Operand<?> operand) {
    return (Operand<TFloat32>) operand;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TInt32> integers(Operand<?> operand) {
    return (Operand<TInt32>) operand;
  }
}
