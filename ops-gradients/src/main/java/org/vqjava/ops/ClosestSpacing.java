/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
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
  /** Squares within so many ε · scale of the smallest are computed anew from the differences. */
  private static final double CANDIDATE = 128;

  /**
   * Builds the spacing and its sum.
   *
   * <p>Gradient of the sum: to the codes, finite everywhere. Other codes that are equally close
   * share it equally; equal codes have none. First order only.
   *
   * <p>A code that is not finite has spacing NaN, and so has the sum then; the others are compared
   * without it, and get their gradient. One finite code alone has spacing 0.
   *
   * <p>Cost: O(K²·D) time, one matrix multiplication under L2 with {@link SearchMode#FAST}; memory
   * for one block of rows, 32 MiB in float32, and 330 MiB more at worst, if all codes are equal.
   * Values are computed from the differences in both modes.
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
    Ops scoped = Scopes.of(tf, "ClosestSpacing");
    Operand<T> e = scoped.stopGradient(codes);
    if (size == 1) {
      Operand<T> zero = Floats.constant(scoped, codes.type(), 0);
      return new ClosestSpacing<>(
          scoped.fill(scoped.constant(new int[] {1}), zero),
          FirstOrder.scalar(scoped, zero, scoped.zerosLike(e), codes));
    }
    UsableCodes<T> usable = UsableCodes.of(scoped, e);
    RowBlocks.Parts parts =
        norm == Norm.L2 && mode == SearchMode.FAST
            ? byMultiplication(scoped, usable)
            : byDifferences(scoped, usable, norm);
    Operand<T> zero = Floats.constant(scoped, codes.type(), 0);
    Operand<TBool> several = several(scoped, usable);
    Operand<T> spacing =
        scoped.select(
            FiniteRows.of(scoped, e),
            scoped.select(several, parts.<T>row(0), zero),
            Floats.constant(scoped, codes.type(), Double.NaN));
    return new ClosestSpacing<>(
        spacing,
        FirstOrder.scalar(
            scoped,
            scoped.sum(spacing, scoped.constant(0)),
            scoped.select(
                scoped.math.logicalAnd(usable.finite(), several),
                scoped.math.sub(parts.<T>folded(0), parts.<T>row(1)),
                zero),
            codes));
  }

  /** Whether there are two codes at least that are finite. */
  private static Operand<TBool> several(Ops tf, UsableCodes<?> usable) {
    Operand<TInt32> count =
        tf.sum(tf.dtypes.cast(usable.finite(), TInt32.class), tf.constant(new int[] {0, 1}));
    return tf.math.greater(count, tf.constant(1));
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
      Ops tf, UsableCodes<T> usable, Norm norm) {
    Operand<T> codes = usable.orElse(tf, 0);
    Class<T> type = codes.type();
    int size = Math.toIntExact(codes.shape().get(0));
    Operand<TInt32> swap = tf.constant(new int[] {1, 0});
    return RowBlocks.scan(
        tf,
        List.of(codes, Floats.range(tf, size), usable.finite()),
        List.of(
            tf.linalg.transpose(codes, swap),
            tf.math.logicalNot(tf.linalg.transpose(usable.finite(), swap))),
        nothing(tf, codes),
        Differences.blockRows(size, codes.shape().get(1)),
        (f, block) -> {
          Operand<T> differences = Differences.of(f, block.<T>row(0), block.<T>constant(0));
          Operand<T> norms = Differences.norms(f, differences, norm);
          Operand<T> others =
              f.select(
                  f.math.logicalOr(itself(f, block.row(1), size), block.<TBool>constant(1)),
                  Floats.constant(f, type, Double.POSITIVE_INFINITY),
                  norms);
          Operand<T> closest = f.min(others, f.constant(1));
          Operand<T> ties =
              f.dtypes.cast(
                  f.math.logicalAnd(
                      f.math.equal(others, f.expandDims(closest, f.constant(1))),
                      block.<TBool>row(2)),
                  type);
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

  private static <T extends TFloating> RowBlocks.Parts byMultiplication(
      Ops tf, UsableCodes<T> usable) {
    Class<T> type = usable.codes().type();
    int size = Math.toIntExact(usable.codes().shape().get(0));
    Operand<T> centred = usable.seenFrom(tf, usable.centre(tf));
    Operand<T> farAway =
        tf.select(
            usable.finite(),
            Floats.constant(tf, type, 0),
            Floats.constant(tf, type, Double.POSITIVE_INFINITY));
    return RowBlocks.scan(
        tf,
        List.of(centred, Floats.range(tf, size), usable.finite()),
        List.of(centred, SquaredDistances.augment(tf, centred, farAway)),
        nothing(tf, centred),
        RowBlocks.ofPairs(size),
        (f, block) -> {
          Operand<T> z = block.row(0);
          SquaredDistances<T> distances = SquaredDistances.of(f, z, block.<T>constant(1));
          Operand<T> others = withoutItself(f, distances.squares(), block.row(1));
          Operand<T> margin =
              f.select(
                  block.<TBool>row(2),
                  f.math.mul(
                      distances.scale(),
                      Floats.constant(f, type, CANDIDATE * Floats.epsilon(type))),
                  Floats.constant(f, type, Double.NEGATIVE_INFINITY));
          RowBlocks.Parts pulls =
              pulls(f, SmallScores.nearLeast(f, others, size, margin), z, block.constant(0));
          return new RowBlocks.Parts(
              List.of(pulls.rows().get(0), pulls.folded().get(0)),
              List.of(f.math.add(block.<T>folded(0), pulls.<T>folded(1))));
        });
  }

  private static <T extends TFloating> Operand<T> withoutItself(
      Ops tf, Operand<T> squares, Operand<TInt32> rows) {
    Operand<TInt32> count = Floats.rows(tf, rows);
    Operand<TInt32> places =
        tf.stack(List.of(tf.range(tf.constant(0), count, tf.constant(1)), rows), Stack.axis(1L));
    Operand<T> infinity = Floats.constant(tf, squares.type(), Double.POSITIVE_INFINITY);
    return tf.tensorScatterNdUpdate(
        squares, places, tf.fill(tf.reshape(count, tf.constant(new int[] {1})), infinity));
  }

  /**
   * Rows: the least distance of each; folded: its derivative by the row and by the codes, shared by
   * those that tie.
   */
  private static <T extends TFloating> RowBlocks.Parts pulls(
      Ops tf, SmallScores pairs, Operand<T> rows, Operand<T> codes) {
    int size = Math.toIntExact(codes.shape().get(0));
    int blockPairs = RowBlocks.ofGathered(codes.shape().get(1));
    Operand<T> none = tf.fill(tf.constant(new int[] {0}), Floats.constant(tf, codes.type(), 0));
    Operand<T> norms =
        RowBlocks.scan(
                tf,
                List.of(pairs.rows(), pairs.columns()),
                List.of(rows, codes),
                new RowBlocks.Parts(List.of(none), List.of()),
                blockPairs,
                (f, block) ->
                    new RowBlocks.Parts(
                        List.of(norms(f, ClosestSpacing.<T>differences(f, block))), List.of()))
            .row(0);
    Operand<TInt32> count = Floats.rows(tf, rows);
    Operand<T> closest = tf.math.unsortedSegmentMin(norms, pairs.rows(), count);
    Operand<T> ties =
        tf.dtypes.cast(
            tf.math.equal(norms, tf.gather(closest, pairs.rows(), tf.constant(0))), codes.type());
    Operand<T> tied = tf.math.unsortedSegmentSum(ties, pairs.rows(), count);
    Operand<T> shares = tf.math.divNoNan(ties, tf.gather(tied, pairs.rows(), tf.constant(0)));
    RowBlocks.Parts sums =
        RowBlocks.scan(
            tf,
            List.of(pairs.rows(), pairs.columns(), shares),
            List.of(rows, codes),
            new RowBlocks.Parts(List.of(), List.of(tf.zerosLike(rows), tf.zerosLike(codes))),
            blockPairs,
            (f, block) -> {
              Operand<T> differences = differences(f, block);
              Operand<T> pulls =
                  f.math.mul(
                      f.math.divNoNan(
                          differences, f.expandDims(norms(f, differences), f.constant(1))),
                      f.expandDims(block.<T>row(2), f.constant(1)));
              return new RowBlocks.Parts(
                  List.of(),
                  List.of(
                      f.math.add(
                          block.<T>folded(0),
                          f.math.unsortedSegmentSum(
                              pulls, block.<TInt64>row(0), Floats.rows(f, block.constant(0)))),
                      f.math.add(
                          block.<T>folded(1),
                          f.math.unsortedSegmentSum(
                              pulls, block.<TInt64>row(1), f.constant(size)))));
            });
    return new RowBlocks.Parts(List.of(closest), sums.folded());
  }

  private static <T extends TFloating> Operand<T> differences(Ops tf, RowBlocks.Block pairs) {
    return tf.math.sub(
        tf.gather(pairs.<T>constant(1), pairs.<TInt64>row(1), tf.constant(0)),
        tf.gather(pairs.<T>constant(0), pairs.<TInt64>row(0), tf.constant(0)));
  }

  private static <T extends TFloating> Operand<T> norms(Ops tf, Operand<T> differences) {
    return tf.math.sqrt(tf.sum(tf.math.square(differences), tf.constant(1)));
  }

  /** Where a row meets the code that it is, {@code [n, K]}. */
  private static Operand<TBool> itself(Ops tf, Operand<TInt32> rows, int size) {
    return tf.math.equal(tf.expandDims(rows, tf.constant(1)), Floats.range(tf, size));
  }
}
