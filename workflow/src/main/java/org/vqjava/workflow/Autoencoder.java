/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;

/**
 * A small convolutional autoencoder with a vector-quantized bottleneck.
 *
 * <p>Encoder: convolution C → 32 (4 × 4, stride 2), ReLU, convolution 32 → S·D (1 × 1); decoder:
 * convolution S·D → 32 (1 × 1), ReLU, transposed convolution 32 → C (4 × 4, stride 2). An image of
 * h × w pixels of C numbers becomes ⌈h/2⌉ × ⌈w/2⌉ latent vectors. Weights and biases start uniform
 * in ±1/√fan-in.
 */
final class Autoencoder {
  private static final int CHANNELS = 32;
  private static final List<Long> HALVE = List.of(1L, 2L, 2L, 1L);
  private static final List<Long> KEEP = List.of(1L, 1L, 1L, 1L);

  /** The variable of the codes. */
  static final String CODEBOOK = "codebook";

  private static final String LATENT = "encoder-2";

  /** The variable that makes latent vectors, {@code [1, 1, 32, S·D]}. */
  static final String LATENT_KERNEL = LATENT + "-kernel";

  private final Ops tf;
  private final ImageFormat format;
  private final UniformWeights weights;

  final Placeholder<TFloat32> images;
  final Codebook<TFloat32> codebook;
  final Bottleneck bottleneck;
  final Operand<TFloat32> reconstruction;
  final Operand<TFloat32> meanSquaredError;
  final Operand<TFloat32> loss;
  final Placeholder<TInt32> indices;
  final Operand<TFloat32> decoded;

  /** Builds the network for images of a format, and a decoder of indices with the same weights. */
  Autoencoder(Graph graph, AutoencoderOptions options, ImageFormat format) {
    this.tf = Ops.create(graph);
    this.format = format;
    this.weights = new UniformWeights(tf, options.seed());
    int latent = options.width() * options.splits();
    images =
        tf.withName("images").placeholder(TFloat32.class, Placeholder.shape(format.batchShape()));
    codebook =
        Codebook.create(
            tf,
            CODEBOOK,
            options.codes(),
            options.width(),
            options.start().initializer(options.codes(), options.width(), options.seed()));
    Layer first = layer("encoder-1", 4, format.channels(), CHANNELS, false);
    Layer second = layer(LATENT, 1, CHANNELS, latent, false);
    Layer third = layer("decoder-1", 1, latent, CHANNELS, false);
    Layer fourth = layer("decoder-2", 4, CHANNELS, format.channels(), true);

    Operand<TFloat32> encoded =
        second.convolve(tf, tf.nn.relu(first.convolve(tf, images, HALVE)), KEEP);
    bottleneck = Bottleneck.of(tf.withName("bottleneck"), encoded, codebook, options);
    reconstruction = decode(bottleneck.output(), third, fourth);
    meanSquaredError =
        tf.math.mean(
            tf.math.squaredDifference(reconstruction, images), tf.constant(new int[] {0, 1, 2, 3}));
    loss = tf.math.add(meanSquaredError, bottleneck.loss());

    indices =
        tf.withName("indices")
            .placeholder(TInt32.class, Placeholder.shape(positions(options, format)));
    decoded =
        decode(
            VectorQuantization.decode(
                tf, indices, codebook, VqOptions.defaults().withSplits(options.splits())),
            third,
            fourth);
  }

  /** All that is trained: the weights and the codebook. */
  List<Operand<TFloat32>> trainable() {
    List<Operand<TFloat32>> all = new ArrayList<>(weights.variables());
    all.add(codebook.variable());
    return all;
  }

  /**
   * The shape of the indices of images of a format, {@code [-1, ⌈h/2⌉, ⌈w/2⌉]} and S if it is above
   * 1.
   */
  static Shape positions(AutoencoderOptions options, ImageFormat format) {
    Shape positions = Shape.of(-1, format.halfHeight(), format.halfWidth());
    return options.splits() == 1 ? positions : positions.append(options.splits());
  }

  private Operand<TFloat32> decode(Operand<TFloat32> latent, Layer third, Layer fourth) {
    return fourth.expand(tf, tf.nn.relu(third.convolve(tf, latent, KEEP)), format);
  }

  private record Layer(Operand<TFloat32> kernel, Operand<TFloat32> bias) {
    Operand<TFloat32> convolve(Ops tf, Operand<TFloat32> x, List<Long> strides) {
      return tf.math.add(tf.nn.conv2d(x, kernel, strides, "SAME"), bias);
    }

    /** The transpose of the convolution that halves images of a format. */
    Operand<TFloat32> expand(Ops tf, Operand<TFloat32> x, ImageFormat format) {
      Operand<TInt32> count =
          tf.slice(tf.shape(x), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
      Operand<TInt32> sizes =
          tf.concat(
              List.of(
                  count,
                  tf.constant(new int[] {format.height(), format.width(), format.channels()})),
              tf.constant(0));
      return tf.math.add(tf.nn.conv2dBackpropInput(sizes, kernel, x, HALVE, "SAME"), bias);
    }
  }

  private Layer layer(String name, int side, int in, int out, boolean transposed) {
    int fanIn = side * side * (transposed ? out : in);
    int[] kernel = transposed ? new int[] {side, side, out, in} : new int[] {side, side, in, out};
    return new Layer(
        weights.add(name + "-kernel", fanIn, kernel), weights.add(name + "-bias", fanIn, out));
  }
}
