/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * How far each code is from the closest other one, {@code c_k = min_{j ≠ k} ‖e_k − e_j‖}.
 *
 * @param spacing the distances, {@code [K]}, without a gradient; 0 for one code
 * @param total their sum, a scalar, with a gradient to the codes
 * @param <T> float32 or float64
 */
public record ClosestSpacing<T extends TFloating>(Operand<T> spacing, Operand<T> total) {
  /** Numbers in the differences of a block, should all codes be equally close. */
  private static final long BLOCK_DIFFERENCES = 1 << 26;

  /** Squares in a block, 8 MiB in float32. */
  private static final long BLOCK_SQUARES = 1 << 21;

  /** Squares within so many ε · scale of the smallest are computed anew from the differences. */
  private static final double CANDIDATE = 128;

  /**
   * Builds the spacing and its sum.
   *
   * <p>Gradient of the sum: to the codes, finite everywhere. Other codes that are equally close
   * share it equally; equal codes have none. First order only.
   *
   * <p>Cost: O(K²·D) time, one matrix multiplication under L2 with {@link SearchMode#FAST}; memory
   * for one block of rows, about 32 MiB. Values are computed from the differences in both modes.
   *
   * <pre>{@code
   * var codes = tf.constant(new float[][] {{0, 0}, {1, 0}, {4, 0}});
   * ClosestSpacing.of(tf, codes, Norm.L2, SearchMode.FAST).spacing(); // [1, 1, 3]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code ClosestSpacing}
   * @param codes {@code [K, D]}, K at least 1
   * @param norm measures the distance
   * @param mode how the closest code is looked for under L2
   * @param <T> float32 or float64
   * @return the spacing and its sum
   * @throws IllegalArgumentException if the shape is not as said
   */
  public static <T extends TFloating> ClosestSpacing<T> of(
      Ops tf, Operand<T> codes, Norm norm, SearchMode mode) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    Objects.requireNonNull(mode, "mode");
    long size = Check.codes(codes).get(0);
    Ops scoped = tf.withSubScope("ClosestSpacing");
    Operand<T> e = scoped.stopGradient(codes);
    if (size == 1) {
      Operand<T> zero = Floats.constant(scoped, codes.type(), 0);
      return new ClosestSpacing<>(
          scoped.fill(scoped.constant(new int[] {1}), zero),
          FirstOrder.scalar(scoped, zero, scoped.zerosLike(e), codes));
    }
    RowBlocks.Parts parts =
        norm == Norm.L2 && mode == SearchMode.FAST
            ? byMultiplication(scoped, e)
            : byDifferences(scoped, e, norm);
    Operand<T> spacing = parts.row(0);
    return new ClosestSpacing<>(
        spacing,
        FirstOrder.scalar(
            scoped,
            scoped.sum(spacing, scoped.constant(0)),
            scoped.math.sub(parts.<T>folded(0), parts.<T>row(1)),
            codes));
  }

  /** Rows: spacing, and the derivative by the other code; folded: that same derivative by code. */
  private static <T extends TFloating> RowBlocks.Parts nothing(Ops tf, Operand<T> codes) {
    Operand<T> zero = Floats.constant(tf, codes.type(), 0);
    int width = Math.toIntExact(codes.shape().get(1));
    return new RowBlocks.Parts(
        List.of(
            tf.fill(tf.constant(new int[] {0}), zero),
            tf.fill(tf.constant(new int[] {0, width}), zero)),
        List.of(tf.zerosLike(codes)));
  }

  private static <T extends TFloating> RowBlocks.Parts byDifferences(
      Ops tf, Operand<T> codes, Norm norm) {
    Class<T> type = codes.type();
    int size = Math.toIntExact(codes.shape().get(0));
    Operand<TInt32> swap = tf.constant(new int[] {1, 0});
    return RowBlocks.scan(
        tf,
        List.of(codes, Floats.range(tf, size)),
        List.of(tf.linalg.transpose(codes, swap)),
        nothing(tf, codes),
        Differences.blockRows(size, codes.shape().get(1)),
        (f, block) -> {
          Operand<T> differences = Differences.of(f, block.<T>row(0), block.<T>constant(0));
          Operand<T> norms = Differences.norms(f, differences, norm);
          Operand<T> others =
              f.select(
                  itself(f, block.row(1), size),
                  Floats.constant(f, type, Double.POSITIVE_INFINITY),
                  norms);
          Operand<T> closest = f.min(others, f.constant(1));
          Operand<T> ties =
              f.dtypes.cast(f.math.equal(others, f.expandDims(closest, f.constant(1))), type);
          Operand<T> shares =
              f.math.divNoNan(ties, f.expandDims(f.sum(ties, f.constant(1)), f.constant(1)));
          Operand<T> pulls =
              f.math.mul(
                  Differences.derivatives(
                      f, differences, f.expandDims(norms, f.constant(1)), norm, 1),
                  f.expandDims(shares, f.constant(1)));
          return new RowBlocks.Parts(
              List.of(closest, f.sum(pulls, f.constant(2))),
              List.of(
                  f.math.add(
                      block.<T>folded(0),
                      f.linalg.transpose(
                          f.sum(pulls, f.constant(0)), f.constant(new int[] {1, 0})))));
        });
  }

  private static <T extends TFloating> RowBlocks.Parts byMultiplication(Ops tf, Operand<T> codes) {
    Class<T> type = codes.type();
    int size = Math.toIntExact(codes.shape().get(0));
    long width = codes.shape().get(1);
    Operand<T> centred = tf.math.sub(codes, tf.math.mean(codes, tf.constant(0)));
    return RowBlocks.scan(
        tf,
        List.of(centred, Floats.range(tf, size)),
        List.of(centred, SquaredDistances.augment(tf, centred)),
        nothing(tf, codes),
        (int)
            Math.max(1, Math.min(8192, Math.min(BLOCK_SQUARES, BLOCK_DIFFERENCES / width) / size)),
        (f, block) -> {
          Operand<T> z = block.row(0);
          Operand<T> e = block.constant(0);
          SquaredDistances<T> distances = SquaredDistances.of(f, z, block.<T>constant(1));
          Operand<TBool> itself = itself(f, block.row(1), size);
          Operand<T> others =
              f.select(
                  itself, Floats.constant(f, type, Double.POSITIVE_INFINITY), distances.squares());
          Operand<T> limit =
              f.math.add(
                  f.expandDims(f.min(others, f.constant(1)), f.constant(1)),
                  f.math.mul(
                      distances.scale(),
                      Floats.constant(f, type, CANDIDATE * Floats.epsilon(type))));
          Operand<TInt64> pairs = f.where(f.math.lessEqual(others, limit));
          Operand<TInt64> rows = f.gather(pairs, f.constant(0), f.constant(1));
          Operand<TInt64> columns = f.gather(pairs, f.constant(1), f.constant(1));
          Operand<T> differences =
              f.math.sub(f.gather(e, columns, f.constant(0)), f.gather(z, rows, f.constant(0)));
          Operand<T> norms = f.math.sqrt(f.sum(f.math.square(differences), f.constant(1)));
          Operand<TInt32> count = Floats.rows(f, z);
          Operand<T> closest = f.math.unsortedSegmentMin(norms, rows, count);
          Operand<T> ties =
              f.dtypes.cast(f.math.equal(norms, f.gather(closest, rows, f.constant(0))), type);
          Operand<T> shares =
              f.math.divNoNan(
                  ties,
                  f.gather(f.math.unsortedSegmentSum(ties, rows, count), rows, f.constant(0)));
          Operand<T> pulls =
              f.math.mul(
                  f.math.divNoNan(differences, f.expandDims(norms, f.constant(1))),
                  f.expandDims(shares, f.constant(1)));
          return new RowBlocks.Parts(
              List.of(closest, f.math.unsortedSegmentSum(pulls, rows, count)),
              List.of(
                  f.math.add(
                      block.<T>folded(0),
                      f.math.unsortedSegmentSum(pulls, columns, f.constant(size)))));
        });
  }

  /** Where a row meets the code that it is, {@code [n, K]}. */
  private static Operand<TBool> itself(Ops tf, Operand<TInt32> rows, int size) {
    return tf.math.equal(tf.expandDims(rows, tf.constant(1)), Floats.range(tf, size));
  }
}
