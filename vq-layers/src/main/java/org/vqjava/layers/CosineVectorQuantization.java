/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.CosineSimilarity;
import org.vqjava.ops.MostSimilarCodes;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.StraightThrough;

/**
 * The layer that replaces each vector by the code that points most nearly in its direction.
 *
 * @see <a href="https://github.com/Simsso/NIPS-2018-Adversarial-Vision-Challenge">the original</a>
 */
public final class CosineVectorQuantization {
  private CosineVectorQuantization() {}

  /**
   * Builds the layer.
   *
   * <p>The last axis of x is cut into S consecutive pieces of width D, which share the codebook.
   * Each piece {@code x_n} is replaced by {@code e_k} with the largest {@code ⟨x_n/‖x_n‖,
   * e_k/‖e_k‖⟩}, ties to the lowest k (in FAST mode within rounding). Lengths are {@code √max(‖v‖²,
   * 1e-12)}: a zero vector has cosine 0 with every code and takes code 0. What is not finite is
   * treated as {@linkplain VectorQuantization#vectorQuantization there}; the similarity of such a
   * piece is NaN.
   *
   * <p>Gradient: with straight-through that of {@code layerOut} goes to x unchanged and to the
   * chosen codes as well, which trains the codebook; without it to the chosen codes alone. There
   * are no losses.
   *
   * <p>Cost: O(N·K·D) time; the {@code [N, K]} cosines are never in memory.
   *
   * <p>Differs from the original: any rank, unknown batch size and empty batch; the shape of x also
   * with splits, where the original leaves {@code [batch, r·S, D]}; similarities in the order of
   * the inputs; a straight-through gradient by default; a codebook that starts from a batch.
   *
   * <pre>{@code
   * var vq =
   *     CosineVectorQuantization.cosineVectorQuantization(
   *         tf, x, codebook, CosineVqOptions.defaults());
   * // x: [32, 8, 8, 64]  vq.layerOut(): [32, 8, 8, 64]  vq.similarityValues(): [32, 8, 8]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code CosineVectorQuantization}
   * @param x vectors on the last axis, {@code [.., S·D]}; any sizes but the last may be unknown
   * @param codebook K codes of width D, of the same graph and type
   * @param options splits, mode, straight-through, reduction
   * @param <T> float32 or float64
   * @return the layer's output, figures and ops
   * @throws IllegalArgumentException if x is of rank 0 or 1, its last size is not S·D, its type is
   *     not the codebook's, c is above D, or the codebook is to be set from a batch that is known
   *     to be too small
   */
  public static <T extends TFloating> CosineVqEndpoints<T> cosineVectorQuantization(
      Ops tf, Operand<T> x, Codebook<T> codebook, CosineVqOptions options) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(codebook, "codebook");
    Objects.requireNonNull(options, "options");
    Check.input(x, codebook, options.splits());
    Check.reduction(options.reduction(), codebook);
    return build(Scopes.of(tf, "CosineVectorQuantization"), x, codebook, options);
  }

  private static <T extends TFloating> CosineVqEndpoints<T> build(
      Ops tf, Operand<T> x, Codebook<T> codebook, CosineVqOptions options) {
    Pieces<T> pieces = Pieces.of(tf, x, codebook.width(), options.splits());
    Operand<T> codes = codebook.values();
    LookUpSpace<T> space = LookUpSpace.of(tf, pieces.rows(), codes, options.reduction());
    Operand<TInt32> nearest =
        MostSimilarCodes.first(tf, space.rows(), space.codes(), options.mode());
    Taken<T> taken = Taken.of(tf, pieces.rows(), codes, nearest);
    Operand<T> output =
        options.straightThrough()
            ? StraightThrough.toBoth(tf, taken.chosen(), pieces.rows())
            : taken.chosen();
    return new CosineVqEndpoints<>(
        pieces.joined(tf, output),
        codes,
        pieces.perPiece(tf, nearest),
        taken.count(tf, nearest, codebook.size()),
        pieces.perPiece(tf, similarity(tf, space, nearest)),
        tf.dtypes.cast(tf.constant(0.0), x.type()),
        codebook.batchInit(tf, pieces.rows()));
  }

  /** The cosine of each row with a code, without a gradient. */
  static <T extends TFloating> Operand<T> similarity(
      Ops tf, LookUpSpace<T> space, Operand<TInt32> indices) {
    return tf.stopGradient(
        CosineSimilarity.paired(
            tf, space.rows(), tf.gather(space.codes(), indices, tf.constant(0))));
  }
}
