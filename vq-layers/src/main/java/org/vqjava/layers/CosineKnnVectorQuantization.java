/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.OneHot;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.FiniteRows;
import org.vqjava.ops.MostSimilarCodes;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.StraightThrough;

/**
 * The layer that lets the most similar codes vote with their labels, and replaces each vector by a
 * code of the label that wins.
 *
 * @see <a href="https://github.com/Simsso/NIPS-2018-Adversarial-Vision-Challenge">the original</a>
 */
public final class CosineKnnVectorQuantization {
  private CosineKnnVectorQuantization() {}

  /**
   * Builds the layer.
   *
   * <p>The last axis of x is cut into S consecutive pieces of width D, which share the codebook.
   * The k codes with the largest cosine vote with their labels, each with one vote; the label with
   * the most votes wins, ties to the lowest label. The piece becomes the most similar code of that
   * label, or the first one in the codebook, as {@link CosineKnnOptions#projection} says. With a
   * threshold, a piece whose winning label has a smaller part of the k votes passes unchanged; one
   * that has exactly that part does not.
   *
   * <p>A label outside {@code [0, classes)} has no vote; a piece of which no neighbour has one gets
   * label 0 and, as the part of the votes is 0, passes under any threshold above 0. A code that is
   * not finite has no vote. A piece that is not finite does not pass, and is treated as {@linkplain
   * VectorQuantization#vectorQuantization there}.
   *
   * <p>Gradient: as of {@link CosineVectorQuantization}; a piece that passes gives its gradient to
   * x alone.
   *
   * <p>Cost: O(N·K·(D + log k)) time, {@code [N, k]} in memory beside one block.
   *
   * <p>Differs from the original: any rank, unknown batch size and empty batch; splits together
   * with a threshold, where the original fails; the shape of x also with splits; similarities in
   * the order of the inputs; by default a straight-through gradient and the nearest code of the
   * label.
   *
   * <pre>{@code
   * var labels = tf.constant(new int[] {0, 0, 1, 1, 2, 2});
   * var vq =
   *     CosineKnnVectorQuantization.cosineKnnVectorQuantization(
   *         tf, x, codebook, labels, 3, CosineKnnOptions.ofNeighbours(3));
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code
   *     CosineKnnVectorQuantization}
   * @param x vectors on the last axis, {@code [.., S·D]}; any sizes but the last may be unknown
   * @param codebook K codes of width D, of the same graph and type
   * @param embLabels the label of each code, {@code [K]}
   * @param classes how many labels there are, at least 1
   * @param options neighbours, threshold, projection, look-up
   * @param <T> float32 or float64
   * @return the layer's output, figures and ops
   * @throws IllegalArgumentException if x is of rank 0 or 1, its last size is not S·D, its type is
   *     not the codebook's, c is above D, k is above K, {@code classes} is below 1, or {@code
   *     embLabels} is known not to be {@code [K]}
   */
  public static <T extends TFloating> CosineKnnEndpoints<T> cosineKnnVectorQuantization(
      Ops tf,
      Operand<T> x,
      Codebook<T> codebook,
      Operand<TInt32> embLabels,
      int classes,
      CosineKnnOptions options) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(codebook, "codebook");
    Objects.requireNonNull(embLabels, "embLabels");
    Objects.requireNonNull(options, "options");
    Check.input(x, codebook, options.lookUp().splits());
    Check.reduction(options.lookUp().reduction(), codebook);
    Check.atLeast("classes", 1, classes);
    if (options.neighbours() > codebook.size()) {
      throw new IllegalArgumentException(
          "neighbours must be at most the codebook's size "
              + codebook.size()
              + ", got "
              + options.neighbours());
    }
    Shape labels = Shape.of(codebook.size());
    if (!embLabels.shape().isCompatibleWith(labels)) {
      throw new IllegalArgumentException(
          "embLabels must have shape " + labels + ", got " + embLabels.shape());
    }
    return build(
        Scopes.of(tf, "CosineKnnVectorQuantization"), x, codebook, embLabels, classes, options);
  }

  private static <T extends TFloating> CosineKnnEndpoints<T> build(
      Ops tf,
      Operand<T> x,
      Codebook<T> codebook,
      Operand<TInt32> embLabels,
      int classes,
      CosineKnnOptions options) {
    CosineVqOptions lookUp = options.lookUp();
    Pieces<T> pieces = Pieces.of(tf, x, codebook.width(), lookUp.splits());
    Operand<T> codes = codebook.values();
    LookUpSpace<T> space = LookUpSpace.of(tf, pieces.rows(), codes, lookUp.reduction());
    Operand<TInt32> neighbours =
        MostSimilarCodes.top(tf, space.rows(), space.codes(), options.neighbours(), lookUp.mode());
    Operand<TInt32> voting =
        tf.select(FiniteRows.of(tf, space.codes()), embLabels, tf.constant(-1));
    Operand<TInt32> labels = tf.gather(voting, neighbours, tf.constant(0));
    Operand<TInt32> votes =
        tf.sum(
            tf.oneHot(labels, tf.constant(classes), tf.constant(1), tf.constant(0)),
            tf.constant(1));
    Operand<TInt32> winner = tf.math.argMax(votes, tf.constant(1), TInt32.class);
    Operand<TInt32> projected =
        switch (options.projection()) {
          case NEAREST -> nearestOf(tf, winner, neighbours, labels);
          case FIRST -> tf.gather(firstOfEach(tf, voting, classes), winner, tf.constant(0));
        };
    Taken<T> taken = Taken.of(tf, pieces.rows(), codes, projected);
    Operand<TBool> passes = tf.math.logicalAnd(passes(tf, votes, options), taken.finite());

    Operand<T> quantized =
        lookUp.straightThrough()
            ? StraightThrough.toBoth(tf, taken.chosen(), pieces.rows())
            : taken.chosen();
    Operand<T> output =
        options.majorityThreshold().isEmpty()
            ? quantized
            : tf.select(tf.expandDims(passes, tf.constant(1)), pieces.rows(), quantized);
    Operand<TInt32> counted =
        tf.select(passes, tf.constant(-1), projected); // a negative index is not counted
    Operand<T> passed = tf.dtypes.cast(passes, x.type());
    return new CosineKnnEndpoints<>(
        pieces.joined(tf, output),
        codes,
        pieces.perPiece(tf, projected),
        taken.count(tf, counted, codebook.size()),
        pieces.perPiece(tf, winner),
        pieces.perPiece(
            tf,
            CosineVectorQuantization.similarity(
                tf, space, tf.gather(neighbours, tf.constant(0), tf.constant(1)))),
        pieces.perPiece(tf, passes),
        tf.math.divNoNan(tf.sum(passed, tf.constant(0)), tf.dtypes.cast(tf.size(passed), x.type())),
        codebook.batchInit(tf, pieces.rows()));
  }

  /** Which pieces pass unchanged, {@code [N]}. In float64, where a part such as 1/2 is exact. */
  private static Operand<TBool> passes(Ops tf, Operand<TInt32> votes, CosineKnnOptions options) {
    Operand<TFloat64> part =
        tf.math.div(
            tf.dtypes.cast(tf.max(votes, tf.constant(1)), TFloat64.class),
            tf.constant((double) options.neighbours()));
    double none = 0;
    return tf.math.less(part, tf.constant(options.majorityThreshold().orElse(none)));
  }

  /** The most similar neighbour of the winning label; the first one if none has it. */
  private static Operand<TInt32> nearestOf(
      Ops tf, Operand<TInt32> winner, Operand<TInt32> neighbours, Operand<TInt32> labels) {
    Operand<TInt32> has =
        tf.dtypes.cast(tf.math.equal(labels, tf.expandDims(winner, tf.constant(1))), TInt32.class);
    return tf.gather(
        neighbours,
        tf.math.argMax(has, tf.constant(1), TInt32.class),
        tf.constant(1),
        Gather.batchDims(1L));
  }

  /** The first code of each label, {@code [classes]}; code 0 for a label that none has. */
  private static Operand<TInt32> firstOfEach(Ops tf, Operand<TInt32> embLabels, int classes) {
    Operand<TInt32> has =
        tf.oneHot(embLabels, tf.constant(classes), tf.constant(1), tf.constant(0), OneHot.axis(0L));
    return tf.math.argMax(has, tf.constant(1), TInt32.class);
  }
}
