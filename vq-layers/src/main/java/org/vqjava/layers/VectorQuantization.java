/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.ClosestSpacing;
import org.vqjava.ops.DistanceSum;
import org.vqjava.ops.Distances;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.StraightThrough;

/**
 * The vector-quantization layer: each vector is replaced by the nearest code of a codebook.
 *
 * @see <a href="https://arxiv.org/abs/1711.00937">van den Oord, Vinyals, Kavukcuoglu, 2017</a>
 * @see <a href="https://github.com/Simsso/NIPS-2018-Adversarial-Vision-Challenge">the original of
 *     this layer and of its losses</a>
 */
public final class VectorQuantization {
  private VectorQuantization() {}

  /**
   * Builds the layer.
   *
   * <p>The last axis of x is cut into S consecutive pieces of width D, which share the codebook.
   * Each piece {@code x_n} is replaced by {@code y_n = e_k(n)} with {@code k(n) = argmin_k ‖x_n −
   * e_k‖}, ties to the lowest k (in FAST mode within rounding, see {@link
   * org.vqjava.ops.SearchMode}).
   *
   * <p>Gradient: {@code layerOut} passes its gradient to x unchanged (straight-through) and none to
   * the codebook, which is trained by the {@linkplain VqLosses losses} alone; see there. All are
   * finite everywhere: where a vector equals its code, or two codes are equal, the gradient of
   * their distance is 0. (The original's is NaN there, and for any codebook of one or two codes.)
   *
   * <p>A piece with a number that is not finite gets the index of the first finite code; it is not
   * counted in {@code accessCount}, its output is NaN, and so are α-, β- and commitment loss, while
   * the gradients of the codes leave it out. A code that is not finite is never taken and spoils no
   * other; the losses that are of all codes, β and Coulomb, are NaN then. All layers and modes keep
   * to that.
   *
   * <p>Cost: O(N·K·D) time for the look-up and for the β-loss, O(K²·D) for the Coulomb loss; the
   * {@code [N, K]} distances are never in memory, unless {@code distance} is fetched. A loss whose
   * weight is the number 0 costs nothing.
   *
   * <p>Differs from the original: any rank; unknown batch size and empty batch; {@code layerOut}
   * has the codes' bits; counts are integers; no NaN; no update happens by itself; {@code
   * distance}, {@code embSpacing} and {@code embClosestSpacing} carry no gradient, the losses do.
   *
   * <pre>{@code
   * var codebook = Codebook.create(tf, "codebook", 512, 64, CodebookInitializer.fromBatch());
   * var vq = VectorQuantization.vectorQuantization(tf, x, codebook, VqOptions.defaults());
   * // x: [32, 8, 8, 64]  vq.layerOut(): [32, 8, 8, 64]  vq.indices(): [32, 8, 8]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code VectorQuantization}
   * @param x vectors on the last axis, {@code [.., S·D]}; any sizes but the last may be unknown
   * @param codebook K codes of width D, of the same graph and type
   * @param options norm, splits, weights of the losses, replacement
   * @param <T> float32 or float64
   * @return the layer's output, losses, figures and ops
   * @throws IllegalArgumentException if x is of rank 0 or 1, its last size is not S·D, its type is
   *     not the codebook's, R is above K, c is above D, or the codebook is to be set from a batch
   *     that is known to be too small
   */
  public static <T extends TFloating> VqEndpoints<T> vectorQuantization(
      Ops tf, Operand<T> x, Codebook<T> codebook, VqOptions options) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(codebook, "codebook");
    Objects.requireNonNull(options, "options");
    Check.input(x, codebook, options.splits());
    Check.reduction(options.reduction(), codebook);
    return build(Scopes.of(tf, "VectorQuantization"), x, codebook, options);
  }

  private static <T extends TFloating> VqEndpoints<T> build(
      Ops tf, Operand<T> x, Codebook<T> codebook, VqOptions options) {
    Pieces<T> pieces = Pieces.of(tf, x, codebook.width(), options.splits());
    Operand<T> codes = codebook.values();
    LookUpSpace<T> space = LookUpSpace.of(tf, pieces.rows(), codes, options.reduction());
    Operand<TInt32> nearest =
        NearestCode.indices(tf, space.rows(), space.codes(), options.norm(), options.mode());
    Taken<T> taken = Taken.of(tf, pieces.rows(), codes, nearest);
    Operand<T> layerOut = StraightThrough.of(tf, pieces.joined(tf, taken.chosen()), x);
    Operand<TInt64> accessCount = taken.count(tf, nearest, codebook.size());
    ClosestSpacing<T> spacing = ClosestSpacing.of(tf, codes, options.norm(), options.mode());

    Optional<CodeReplacement<T>> replacement =
        options.replaced() == 0
            ? Optional.empty()
            : Optional.of(
                CodeReplacement.build(
                    tf,
                    codebook,
                    options,
                    pieces.rows(),
                    taken.orElse(
                        tf,
                        Distances.paired(
                            tf,
                            space.rows(),
                            tf.stopGradient(tf.gather(space.codes(), nearest, tf.constant(0))),
                            options.norm()),
                        -1),
                    accessCount));
    return new VqEndpoints<>(
        layerOut,
        codes,
        pieces.perPiece(tf, nearest),
        accessCount,
        pieces.perPieceAndCode(
            tf,
            Distances.pairwise(tf, space.rows(), space.codes(), options.norm()),
            codebook.size()),
        Distances.spacing(tf, codes, options.norm()),
        spacing.spacing(),
        losses(tf, pieces.rows(), taken.chosen(), space, spacing, options),
        replacement,
        codebook.batchInit(tf, pieces.rows()));
  }

  private static <T extends TFloating> VqLosses<T> losses(
      Ops tf,
      Operand<T> pieces,
      Operand<T> chosen,
      LookUpSpace<T> space,
      ClosestSpacing<T> spacing,
      VqOptions options) {
    Class<T> type = pieces.type();
    Operand<T> rows =
        tf.dtypes.cast(tf.gather(tf.shape(pieces), tf.constant(0), tf.constant(0)), type);
    Operand<T> fixed = tf.stopGradient(pieces);
    Operand<T> alpha =
        weighted(
            tf,
            options.alpha(),
            type,
            w ->
                tf.math.divNoNan(
                    tf.math.mul(
                        w,
                        tf.sum(
                            Distances.paired(tf, chosen, fixed, options.norm()), tf.constant(0))),
                    rows));
    Operand<T> beta =
        weighted(
            tf,
            options.beta(),
            type,
            w ->
                tf.math.divNoNan(
                    tf.math.mul(
                        w,
                        DistanceSum.of(
                            tf, space.rows(), space.codes(), options.norm(), options.mode())),
                    rows));
    Operand<T> coulomb =
        weighted(tf, options.gamma(), type, w -> tf.math.neg(tf.math.mul(w, spacing.total())));
    Operand<T> commitment =
        weighted(
            tf,
            options.commitment(),
            type,
            w -> {
              Operand<T> squares = tf.math.squaredDifference(pieces, tf.stopGradient(chosen));
              Operand<T> mean =
                  tf.math.divNoNan(
                      tf.sum(squares, tf.constant(new int[] {0, 1})),
                      tf.dtypes.cast(tf.size(squares), type));
              return tf.math.mul(w, mean);
            });
    return new VqLosses<>(
        alpha, beta, coulomb, commitment, tf.math.addN(List.of(alpha, beta, coulomb, commitment)));
  }

  @FunctionalInterface
  private interface Loss<T extends TFloating> {
    Operand<T> build(Operand<T> weight);
  }

  private static <T extends TFloating> Operand<T> weighted(
      Ops tf, LossWeight weight, Class<T> type, Loss<T> loss) {
    return weight.isOff()
        ? tf.dtypes.cast(tf.constant(0.0), type)
        : loss.build(weight.operand(tf, type));
  }

  /**
   * The vectors that indices stand for, in the bits of the codes: equal to {@code layerOut} for a
   * finite x.
   *
   * <p>No gradient to the indices; to the codebook that of a gather. Cost: O(N·D).
   *
   * <pre>{@code
   * VectorQuantization.decode(tf, vq.indices(), codebook, options); // vq.layerOut() again
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code Decode}
   * @param indices codes taken, {@code [.., S]}, or {@code [..]} if S = 1; an index outside {@code
   *     [0, K)} fails when it is run
   * @param codebook the codes
   * @param options tells S, nothing else of it matters
   * @param <T> float32 or float64
   * @return {@code [.., S·D]}
   * @throws IllegalArgumentException if S is above 1 and the last size is known to be another
   */
  public static <T extends TFloating> Operand<T> decode(
      Ops tf, Operand<TInt32> indices, Codebook<T> codebook, VqOptions options) {
    Objects.requireNonNull(tf, "tf");
    Ops scoped = Scopes.of(tf, "Decode");
    Operand<T> codes = scoped.gather(codebook.values(), indices, scoped.constant(0));
    int splits = options.splits();
    if (splits == 1) {
      return codes;
    }
    int rank = indices.shape().isUnknown() ? 0 : indices.shape().numDimensions();
    if (rank < 1 || !fits(indices.shape().get(rank - 1), splits)) {
      throw new IllegalArgumentException(
          "indices must have last size " + splits + ", got shape " + indices.shape());
    }
    Operand<TInt32> leading = Pieces.first(scoped, scoped.shape(indices), rank - 1);
    return scoped.reshape(
        codes,
        scoped.concat(
            List.of(leading, scoped.constant(new int[] {splits * codebook.width()})),
            scoped.constant(0)));
  }

  private static boolean fits(long size, int splits) {
    return size < 0 || size == splits;
  }
}
