/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
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
   * <p>A vector or a code that is not finite makes the sum NaN; the gradient leaves it out, so that
   * it spoils no other code.
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
    Class<T> type = codes.type();
    Operand<T> x = scoped.stopGradient(vectors);
    UsableCodes<T> usable = UsableCodes.of(scoped, scoped.stopGradient(codes));
    Operand<TBool> finite = scoped.expandDims(FiniteRows.of(scoped, x), scoped.constant(1));
    Operand<T> zero = Floats.constant(scoped, type, 0);
    Operand<T> safe = scoped.select(finite, x, zero);
    Operand<T> counted = scoped.dtypes.cast(finite, type);
    RowBlocks.Parts parts =
        norm == Norm.L2 && mode == SearchMode.FAST
            ? byMultiplication(scoped, safe, counted, usable)
            : byDifferences(scoped, safe, counted, usable, norm);
    Operand<TInt32> both = scoped.constant(new int[] {0, 1});
    Operand<TBool> all =
        scoped.math.logicalAnd(scoped.all(finite, both), scoped.all(usable.finite(), both));
    Operand<T> sum = scoped.dtypes.cast(parts.<TFloat64>folded(0), type);
    Operand<T> gradient = scoped.dtypes.cast(parts.<TFloat64>folded(1), type);
    return FirstOrder.scalar(
        scoped,
        scoped.select(all, sum, Floats.constant(scoped, type, Double.NaN)),
        scoped.select(usable.finite(), gradient, zero),
        codes);
  }

  /** Blocks are added up in float64, so that the error does not grow with their number. */
  private static RowBlocks.Parts nothing(Ops tf, Operand<?> codes) {
    return new RowBlocks.Parts(
        List.of(), List.of(tf.constant(0.0), tf.dtypes.cast(tf.zerosLike(codes), TFloat64.class)));
  }

  /** What the blocks before and this one come to. */
  private static <T extends TFloating> RowBlocks.Parts added(
      Ops tf, RowBlocks.Block block, Operand<T> sum, Operand<T> gradient) {
    return new RowBlocks.Parts(
        List.of(),
        List.of(
            tf.math.add(block.<TFloat64>folded(0), tf.dtypes.cast(sum, TFloat64.class)),
            tf.math.add(block.<TFloat64>folded(1), tf.dtypes.cast(gradient, TFloat64.class))));
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
      Ops tf, Operand<T> vectors, Operand<T> counted, UsableCodes<T> usable) {
    Class<T> type = vectors.type();
    Shape shape = usable.codes().shape();
    long size = shape.get(0);
    long width = shape.get(1);
    double bound = NEAR * Floats.epsilon(type);
    Operand<T> centre = usable.centre(tf);
    Operand<T> centred = usable.seenFrom(tf, centre);
    return RowBlocks.scan(
        tf,
        List.of(vectors, counted),
        List.of(centre, centred, SquaredDistances.augment(tf, centred)),
        nothing(tf, usable.codes()),
        RowBlocks.ofPairs(size),
        (f, block) -> {
          Operand<T> z = f.math.sub(block.<T>row(0), block.<T>constant(0));
          Operand<T> e = block.constant(1);
          SquaredDistances<T> distances = SquaredDistances.perScale(f, z, block.<T>constant(2));
          Operand<T> leastSquare = Floats.constant(f, type, bound);
          Operand<T> inverse = f.math.rsqrt(f.math.maximum(distances.squares(), leastSquare));
          // 0 for a vector that does not count, which then adds nothing.
          Operand<T> perRoot = f.math.mul(f.math.rsqrt(distances.scale()), block.<T>row(1));
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

          Operand<T> limit =
              f.select(
                  f.math.greater(block.<T>row(1), Floats.constant(f, type, 0)),
                  leastSquare,
                  Floats.constant(f, type, Double.NEGATIVE_INFINITY));
          SmallScores near = SmallScores.atMost(f, distances.squares(), size, limit);
          RowBlocks.Parts missing =
              missing(f, near, z, e, f.math.mul(perRoot, f.math.rsqrt(leastSquare)));
          return added(
              f,
              block,
              f.math.add(far, f.dtypes.cast(missing.<TFloat64>folded(0), type)),
              f.math.add(farGradient, f.dtypes.cast(missing.<TFloat64>folded(1), type)));
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
          return added(f, block, sum, gradient);
        });
  }

  private static <T extends TFloating> Operand<T> columns(
      Ops tf, Operand<T> matrix, long from, long count) {
    return tf.slice(matrix, tf.constant(new long[] {0, from}), tf.constant(new long[] {-1, count}));
  }

  private static <T extends TFloating> RowBlocks.Parts byDifferences(
      Ops tf, Operand<T> vectors, Operand<T> counted, UsableCodes<T> usable, Norm norm) {
    Shape shape = usable.codes().shape();
    return RowBlocks.scan(
        tf,
        List.of(vectors, counted),
        List.of(tf.linalg.transpose(usable.orElse(tf, 0), tf.constant(new int[] {1, 0}))),
        nothing(tf, usable.codes()),
        Differences.blockRows(shape.get(0), shape.get(1)),
        (f, block) -> {
          Operand<T> differences = Differences.of(f, block.<T>row(0), block.<T>constant(0));
          Operand<T> norms = Differences.norms(f, differences, norm);
          Operand<T> derivatives =
              f.math.mul(
                  Differences.derivatives(
                      f, differences, f.expandDims(norms, f.constant(1)), norm, 1),
                  f.expandDims(block.<T>row(1), f.constant(2)));
          Operand<T> gradient =
              f.linalg.transpose(f.sum(derivatives, f.constant(0)), f.constant(new int[] {1, 0}));
          Operand<T> sum = f.sum(f.math.mul(norms, block.<T>row(1)), f.constant(new int[] {0, 1}));
          return added(f, block, sum, gradient);
        });
  }
}
