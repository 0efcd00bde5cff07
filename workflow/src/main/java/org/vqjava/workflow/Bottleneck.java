/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.vqjava.layers.CodeReplacement;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CosineVectorQuantization;
import org.vqjava.layers.CosineVqEndpoints;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqLosses;
import org.vqjava.ops.Scopes;

/**
 * The quantized middle of a network, whichever way it looks up.
 *
 * @param output what goes on into the decoder
 * @param indices the codes taken
 * @param accessCount how often each code was taken
 * @param closeness how far each piece is from its code; for the cosine, how similar, {@code [N]}
 * @param losses that the layer's loss is made of, those with a weight, by name
 * @param loss what the layer adds to the network's loss
 * @param replacement of unused codes, if there is one
 * @param batchInit sets the codebook from a batch, if it starts from one
 */
record Bottleneck(
    Operand<TFloat32> output,
    Operand<TInt32> indices,
    Operand<TInt64> accessCount,
    Operand<TFloat32> closeness,
    Map<String, Operand<TFloat32>> losses,
    Operand<TFloat32> loss,
    Optional<CodeReplacement<TFloat32>> replacement,
    Optional<Op> batchInit) {

  static Bottleneck of(
      Ops tf, Operand<TFloat32> encoded, Codebook<TFloat32> codebook, AutoencoderOptions options) {
    return options.quantizer().isCosine()
        ? cosine(tf, encoded, codebook, options)
        : distance(tf, encoded, codebook, options);
  }

  private static Bottleneck distance(
      Ops tf, Operand<TFloat32> encoded, Codebook<TFloat32> codebook, AutoencoderOptions options) {
    VqEndpoints<TFloat32> vq =
        VectorQuantization.vectorQuantization(tf, encoded, codebook, options.layer());
    return new Bottleneck(
        vq.layerOut(),
        vq.indices(),
        vq.accessCount(),
        distances(Scopes.of(tf, "distances"), encoded, vq.layerOut(), options),
        losses(vq.losses(), options),
        vq.losses().total(),
        vq.replacement(),
        vq.embSpaceBatchInit());
  }

  /** The layer offers the distances to all codes, which are many more. */
  private static Operand<TFloat32> distances(
      Ops tf, Operand<TFloat32> encoded, Operand<TFloat32> codes, AutoencoderOptions options) {
    Operand<TFloat32> differences =
        tf.reshape(tf.math.sub(encoded, codes), tf.constant(new int[] {-1, options.width()}));
    Operand<TInt32> last = tf.constant(1);
    return switch (options.quantizer().norm()) {
      case L1 -> tf.sum(tf.math.abs(differences), last);
      case L2 -> tf.math.sqrt(tf.sum(tf.math.square(differences), last));
      case LINF -> tf.max(tf.math.abs(differences), last);
    };
  }

  private static Map<String, Operand<TFloat32>> losses(
      VqLosses<TFloat32> losses, AutoencoderOptions options) {
    Map<String, Operand<TFloat32>> weighted = new TreeMap<>();
    if (options.alpha() != 0) {
      weighted.put("alpha", losses.alpha());
    }
    if (options.beta() != 0) {
      weighted.put("beta", losses.beta());
    }
    if (options.gamma() != 0) {
      weighted.put("coulomb", losses.coulomb());
    }
    if (options.commitment() != 0) {
      weighted.put("commitment", losses.commitment());
    }
    return weighted;
  }

  /** The codes learn from the task; a commitment loss holds the encoder near them. */
  private static Bottleneck cosine(
      Ops tf, Operand<TFloat32> encoded, Codebook<TFloat32> codebook, AutoencoderOptions options) {
    CosineVqEndpoints<TFloat32> vq =
        CosineVectorQuantization.cosineVectorQuantization(
            tf, encoded, codebook, options.cosineLayer());
    Operand<TFloat32> squares = tf.math.squaredDifference(encoded, tf.stopGradient(vq.layerOut()));
    return new Bottleneck(
        vq.layerOut(),
        vq.indices(),
        vq.accessCount(),
        vq.similarityValues(),
        Map.of(),
        tf.math.mul(
            tf.constant((float) options.commitment()),
            tf.math.mean(squares, tf.constant(new int[] {0, 1, 2, 3}))),
        Optional.empty(),
        vq.embSpaceBatchInit());
  }
}
