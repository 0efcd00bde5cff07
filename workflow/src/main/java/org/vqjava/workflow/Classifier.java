/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.CosineKnnEndpoints;
import org.vqjava.layers.CosineKnnOptions;
import org.vqjava.layers.CosineKnnVectorQuantization;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;

/**
 * A small classifier of images, in whose middle there may be a layer.
 *
 * <p>Convolution C → 32 (4 × 4, stride 2), ReLU, dense → {@value #FEATURES}, ReLU, the layer, dense
 * → classes. The head after the layer is one for all branches of a graph.
 */
final class Classifier {
  static final int FEATURES = 64;
  private static final int CHANNELS = 32;
  private static final List<Long> HALVE = List.of(1L, 2L, 2L, 1L);

  private final Graph graph;
  private final Ops tf;
  private final int classes;
  private final long seed;
  private final UniformWeights weights;
  private final Operand<TFloat32> features;
  private final Operand<TFloat32> headKernel;
  private final Operand<TFloat32> headBias;
  private final Operand<TFloat32> oneHot;

  final Placeholder<TFloat32> images;
  final Placeholder<TInt32> labels;

  /** How far the attack moves each pixel at most. */
  final Placeholder<TFloat32> strength;

  /**
   * What a network makes of the images.
   *
   * @param loss mean cross-entropy
   * @param correct how many images are put into their class
   * @param attacked the images, each pixel moved by the attack's strength in the direction in which
   *     this network's loss rises, and kept in 0 .. 1: the fast gradient sign method (Goodfellow,
   *     Shlens, Szegedy 2015, arXiv:1412.6572, section 4)
   */
  record Branch(Operand<TFloat32> loss, Operand<TInt32> correct, Operand<TFloat32> attacked) {}

  Classifier(Graph graph, ImageFormat format, int classes, long seed) {
    this.graph = graph;
    this.tf = Ops.create(graph);
    this.classes = classes;
    this.seed = seed;
    this.weights = new UniformWeights(tf, seed);
    images =
        tf.withName("images").placeholder(TFloat32.class, Placeholder.shape(format.batchShape()));
    labels = tf.withName("labels").placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    strength = tf.withName("strength").placeholder(TFloat32.class, Placeholder.shape(Shape.of()));
    oneHot = tf.oneHot(labels, tf.constant(classes), tf.constant(1f), tf.constant(0f));

    int side = 4;
    int fanIn = side * side * format.channels();
    int flat = format.halfHeight() * format.halfWidth() * CHANNELS;
    Operand<TFloat32> kernel =
        weights.add("conv-kernel", fanIn, side, side, format.channels(), CHANNELS);
    Operand<TFloat32> bias = weights.add("conv-bias", fanIn, CHANNELS);
    Operand<TFloat32> maps =
        tf.nn.relu(tf.math.add(tf.nn.conv2d(images, kernel, HALVE, "SAME"), bias));
    features =
        tf.nn.relu(
            tf.math.add(
                tf.linalg.matMul(
                    tf.reshape(maps, tf.constant(new int[] {-1, flat})),
                    weights.add("features-kernel", flat, flat, FEATURES)),
                weights.add("features-bias", flat, FEATURES)));
    headKernel = weights.add("head-kernel", FEATURES, FEATURES, classes);
    headBias = weights.add("head-bias", FEATURES, classes);
  }

  List<Variable<TFloat32>> weights() {
    return weights.variables();
  }

  /** The network without a layer in its middle. */
  Branch plain() {
    return branch(features);
  }

  /** A branch with a layer that takes the nearest code, trained with the network. */
  record Quantized(Branch branch, Codebook<TFloat32> codebook, VqEndpoints<TFloat32> endpoints) {}

  Quantized quantized(int codes) {
    Codebook<TFloat32> codebook =
        Codebook.create(tf, "codebook", codes, FEATURES, CodebookInitializer.kMeansPlusPlus(seed));
    VqEndpoints<TFloat32> endpoints =
        VectorQuantization.vectorQuantization(
            tf.withName("quantized"),
            features,
            codebook,
            VqOptions.defaults()
                .withBeta(0)
                .withGamma(0)
                .withCommitment(1)
                .withReplaced(Math.min(codes, 16))
                .withReplacementPolicy(ReplacementPolicy.UNUSED_CODES));
    return new Quantized(branch(endpoints.layerOut()), codebook, endpoints);
  }

  /** A branch with a layer whose codes are features of labelled images. */
  record Voted(Branch branch, CosineKnnEndpoints<TFloat32> endpoints) {}

  /** Its codebook is set from the images of the labels, in their order. */
  Voted voted(int[] exampleLabels, int neighbours) {
    Codebook<TFloat32> codebook =
        Codebook.create(
            tf, "examples", exampleLabels.length, FEATURES, CodebookInitializer.fromBatch());
    CosineKnnEndpoints<TFloat32> endpoints =
        CosineKnnVectorQuantization.cosineKnnVectorQuantization(
            tf.withName("voted"),
            features,
            codebook,
            tf.constant(exampleLabels),
            classes,
            CosineKnnOptions.ofNeighbours(neighbours));
    return new Voted(branch(endpoints.layerOut()), endpoints);
  }

  private Branch branch(Operand<TFloat32> middle) {
    Operand<TFloat32> logits = tf.math.add(tf.linalg.matMul(middle, headKernel), headBias);
    SoftmaxCrossEntropyWithLogits<TFloat32> entropy =
        tf.nn.softmaxCrossEntropyWithLogits(logits, oneHot);
    Operand<TFloat32> loss = tf.math.mean(entropy.loss(), tf.constant(0));
    Operand<TInt32> correct =
        tf.sum(
            tf.dtypes.cast(
                tf.math.equal(tf.math.argMax(logits, tf.constant(1), TInt32.class), labels),
                TInt32.class),
            tf.constant(0));
    return new Branch(loss, correct, attacked(loss));
  }

  private Operand<TFloat32> attacked(Operand<TFloat32> loss) {
    Output<?>[] gradient = graph.addGradients(loss.asOutput(), new Output<?>[] {images.asOutput()});
    @SuppressWarnings("unchecked")
    Operand<TFloat32> rise = (Operand<TFloat32>) gradient[0];
    return tf.clipByValue(
        tf.math.add(images, tf.math.mul(strength, tf.math.sign(rise))),
        tf.constant(0f),
        tf.constant(1f));
  }
}
