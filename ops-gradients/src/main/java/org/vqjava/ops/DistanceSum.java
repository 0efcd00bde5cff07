/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** The sum of the distances of all vectors from all codes, with its gradient. */
public final class DistanceSum {
  /**
   * Squares below so many ε · scale are computed anew from the differences. What a distance is off
   * by is then at most about √scale · √(ε / 8192): 4e-6 · √scale in float32.
   */
  private static final double NEAR = 8192;

  private DistanceSum() {}

  /**
   * Sums the distances, {@code Σ_n Σ_k ‖x_n − e_k‖}.
   *
   * <p>Gradient: to the codes, {@code Σ_n (e_k − x_n) / ‖x_n − e_k‖} under L2, finite everywhere; a
   * vector that equals its code adds 0, and largest coordinates that tie under L∞ share equally.
   * First order only. No gradient to the vectors, as the original has none.
   *
   * <p>Cost: O(N·K·D) time, two matrix multiplications under L2 with {@link SearchMode#FAST};
   * memory for one block, whatever N is: in float32 32 MiB up to K = 1024 and 64 MiB beyond, and
   * where pairs are near 40 bytes each, at most 330 MiB. The gradient is computed together with the
   * sum. Pairs that are closer than three hundredths of the data's extent are computed a second
   * time.
   *
   * <pre>{@code
   * DistanceSum.of(tf, vectors, codes, Norm.L2, SearchMode.FAST); // scalar
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code DistanceSum}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param codes {@code [K, D]}, K at least 1
   * @param norm measures the distance
   * @param mode how distances are computed under L2: FAST is off by up to 4e-6 of the data's extent
   *     in float32, EXACT by the rounding of the differences alone
   * @param <T> float32 or float64
   * @return the sum, a scalar; 0 for an empty batch
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<T> of(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm, SearchMode mode) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    Objects.requireNonNull(mode, "mode");
    Check.vectorsMatchCodes(vectors, codes);
    Ops scoped = Scopes.of(tf, "DistanceSum");
    Operand<T> x = scoped.stopGradient(vectors);
    Operand<T> e = scoped.stopGradient(codes);
    RowBlocks.Parts parts =
        norm == Norm.L2 && mode == SearchMode.FAST
            ? byMultiplication(scoped, x, e)
            : byDifferences(scoped, x, e, norm);
    return FirstOrder.scalar(scoped, parts.<T>folded(0), parts.<T>folded(1), codes);
  }

  private static <T extends TFloating> RowBlocks.Parts nothing(Ops tf, Operand<T> codes) {
    return new RowBlocks.Parts(
        List.of(), List.of(Floats.constant(tf, codes.type(), 0), tf.zerosLike(codes)));
  }

  /**
   * With w = 1/d the sum is Σ d²∘w and its derivative e_k Σ_n w_nk − Σ_n w_nk z_n. Both come from
   * one more multiplication, G = wᵀ[z, 1, ‖z‖²], as d² is a product of these columns with [−2e,
   * ‖e‖², 1]: no gradient goes through the {@code [N, K]} matrix.
   *
   * <p>Squares that are too small to be believed are replaced by the bound itself, and what that
   * makes wrong is put right pair by pair. Vectors are scaled so that one number bounds the squares
   * of all: then three passes over the matrix are left (the bound, the root, the least of each
   * group).
   */
  private static <T extends TFloating> RowBlocks.Parts byMultiplication(
      Ops tf, Operand<T> vectors, Operand<T> codes) {
    Class<T> type = codes.type();
    long size = codes.shape().get(0);
    long width = codes.shape().get(1);
    double bound = NEAR * Floats.epsilon(type);
    Operand<T> mean = tf.math.mean(codes, tf.constant(0));
    Operand<T> centred = tf.math.sub(codes, mean);
    return RowBlocks.scan(
        tf,
        List.of(vectors),
        List.of(mean, centred, SquaredDistances.augment(tf, centred)),
        nothing(tf, codes),
        RowBlocks.ofPairs(size),
        (f, block) -> {
          Operand<T> z = f.math.sub(block.<T>row(0), block.<T>constant(0));
          Operand<T> e = block.constant(1);
          SquaredDistances<T> distances = SquaredDistances.perScale(f, z, block.<T>constant(2));
          Operand<T> leastSquare = Floats.constant(f, type, bound);
          Operand<T> inverse = f.math.rsqrt(f.math.maximum(distances.squares(), leastSquare));
          Operand<T> perRoot = f.math.rsqrt(distances.scale());
          // (wᵀ z)ᵀ as zᵀ w: the multiplication that transposes the larger one takes three times as
          // long.
          Operand<T> sums =
              f.linalg.transpose(
                  f.linalg.matMul(
                      f.math.mul(distances.vectors(), perRoot), inverse, MatMul.transposeA(true)),
                  f.constant(new int[] {1, 0}));
          Operand<T> far =
              f.sum(f.math.mul(sums, block.<T>constant(2)), f.constant(new int[] {0, 1}));
          Operand<T> farGradient =
              f.math.sub(f.math.mul(e, columns(f, sums, width, 1)), columns(f, sums, 0, width));

          SmallScores near =
              SmallScores.atMost(
                  f, distances.squares(), size, f.math.mul(f.onesLike(perRoot), leastSquare));
          RowBlocks.Parts missing =
              missing(f, near, z, e, f.math.mul(perRoot, f.math.rsqrt(leastSquare)));
          return new RowBlocks.Parts(
              List.of(),
              List.of(
                  f.math.add(block.<T>folded(0), f.math.add(far, missing.<T>folded(0))),
                  f.math.add(block.<T>folded(1), f.math.add(farGradient, missing.<T>folded(1)))));
        });
  }

  /**
   * What near pairs add to sum and gradient beyond what they are counted as, their square times
   * {@code counted}.
   *
   * @param counted {@code [n, 1]}
   */
  private static <T extends TFloating> RowBlocks.Parts missing(
      Ops tf, SmallScores near, Operand<T> vectors, Operand<T> codes, Operand<T> counted) {
    int size = Math.toIntExact(codes.shape().get(0));
    return RowBlocks.scan(
        tf,
        List.of(near.rows(), near.columns()),
        List.of(vectors, codes, counted),
        nothing(tf, codes),
        RowBlocks.ofGathered(codes.shape().get(1)),
        (f, block) -> {
          Operand<TInt64> row = block.row(0);
          Operand<TInt64> column = block.row(1);
          Operand<T> differences =
              f.math.sub(
                  f.gather(block.<T>constant(1), column, f.constant(0)),
                  f.gather(block.<T>constant(0), row, f.constant(0)));
          Operand<T> weights = f.gather(block.<T>constant(2), row, f.constant(0));
          Operand<T> squares = f.sum(f.math.square(differences), f.constant(1), Sum.keepDims(true));
          Operand<T> norms = f.math.sqrt(squares);
          Operand<T> sum =
              f.sum(f.math.sub(norms, f.math.mul(weights, squares)), f.constant(new int[] {0, 1}));
          Operand<T> gradient =
              f.math.unsortedSegmentSum(
                  f.math.sub(f.math.divNoNan(differences, norms), f.math.mul(weights, differences)),
                  column,
                  f.constant(size));
          return new RowBlocks.Parts(
              List.of(),
              List.of(
                  f.math.add(block.<T>folded(0), sum), f.math.add(block.<T>folded(1), gradient)));
        });
  }

  private static <T extends TFloating> Operand<T> columns(
      Ops tf, Operand<T> matrix, long from, long count) {
    return tf.slice(matrix, tf.constant(new long[] {0, from}), tf.constant(new long[] {-1, count}));
  }

  private static <T extends TFloating> RowBlocks.Parts byDifferences(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm) {
    return RowBlocks.scan(
        tf,
        List.of(vectors),
        List.of(tf.linalg.transpose(codes, tf.constant(new int[] {1, 0}))),
        nothing(tf, codes),
        Differences.blockRows(codes.shape().get(0), codes.shape().get(1)),
        (f, block) -> {
          Operand<T> differences = Differences.of(f, block.<T>row(0), block.<T>constant(0));
          Operand<T> norms = Differences.norms(f, differences, norm);
          Operand<T> derivatives =
              Differences.derivatives(f, differences, f.expandDims(norms, f.constant(1)), norm, 1);
          Operand<T> gradient =
              f.linalg.transpose(f.sum(derivatives, f.constant(0)), f.constant(new int[] {1, 0}));
          return new RowBlocks.Parts(
              List.of(),
              List.of(
                  f.math.add(block.<T>folded(0), f.sum(norms, f.constant(new int[] {0, 1}))),
                  f.math.add(block.<T>folded(1), gradient)));
        });
  }
}
