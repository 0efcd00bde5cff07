/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Which code is nearest to each vector. */
public final class NearestCode {
  /** By how much the chosen code may be farther than the nearest one. */
  private static final double TOLERANCE = 1e-3;

  private NearestCode() {}

  /**
   * Searches the nearest code of each vector, {@code argmin_k ‖x_n − e_k‖}.
   *
   * <p>Ties go to the lowest index: always in {@link SearchMode#EXACT}, under L1 and under L∞; in
   * {@link SearchMode#FAST} between equal codes, while two different codes that are equally far
   * within rounding may go either way, and what is taken is never a thousandth farther than the
   * nearest. An empty batch gives no indices.
   *
   * <p>A code with a number that is not finite is never chosen, and spoils no other; if there is no
   * finite one, code 0 is taken. A vector that is not finite gets the first finite code. Finite
   * numbers may be as large as they are, their squares out of range too.
   *
   * <p>No gradient, neither to the vectors nor to the codes.
   *
   * <p>Cost: O(N·K·D) time. Memory beside the operands is 4·N bytes for the result and one block,
   * whatever N is: in float32 16 MiB for FAST under L2 up to K = 2048, growing to 64 MiB at K =
   * 8192, and 4 MiB otherwise (once K·D is below 2^19, else one row of {@code [K, D]}). With N
   * unknown, or larger than a block, the blocks are turns of a loop.
   *
   * <pre>{@code
   * var codes = tf.constant(new float[][] {{0, 0}, {4, 4}});
   * var vectors = tf.constant(new float[][] {{3, 3}, {2, 2}});
   * NearestCode.indices(tf, vectors, codes, Norm.L2, SearchMode.EXACT); // [1, 0]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code NearestCode}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param codes {@code [K, D]}, K at least 1
   * @param norm measures the distance
   * @param mode how distances are compared under L2
   * @param <T> float32 or float64
   * @return the index of the nearest code, {@code [N]}
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<TInt32> indices(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm, SearchMode mode) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    Objects.requireNonNull(mode, "mode");
    Check.vectorsMatchCodes(vectors, codes);
    Ops scoped = Scopes.of(tf, "NearestCode");
    Operand<T> x = scoped.stopGradient(vectors);
    if (codes.shape().get(0) == 1) {
      return scoped.fill(
          scoped.reshape(Floats.rows(scoped, x), scoped.constant(new int[] {1})),
          scoped.constant(0));
    }
    UsableCodes<T> usable = UsableCodes.of(scoped, scoped.stopGradient(codes));
    Found found =
        norm == Norm.L2 && mode == SearchMode.FAST
            ? byMultiplication(scoped, x, usable)
            : byDifferences(scoped, x, usable, norm);
    return WideSearch.again(scoped, found.lost(), found.index(), x, usable, norm);
  }

  /**
   * argmax ⟨z, e⟩ − ½‖e‖² seen from where most codes are; the last term is a column of the
   * multiplication, as adding it afterwards costs a third of the multiplication itself.
   *
   * <p>The best score tells the distance. One that rounding could blur by a thousandth is a close
   * call, and those codes that may be nearer are compared by subtraction.
   */
  private static <T extends TFloating> Found byMultiplication(
      Ops tf, Operand<T> vectors, UsableCodes<T> usable) {
    Class<T> type = vectors.type();
    long size = usable.codes().shape().get(0);
    double rounding = rounding(type, usable.codes().shape().get(1));
    double largest = largestSquare(type);
    Operand<T> centre = usable.centre(tf, largest / 64);
    return scan(
        tf,
        vectors,
        List.of(centre, usable.augmented(tf, centre, largest), usable.codes()),
        RowBlocks.ofProduct(size),
        (f, block) -> {
          Operand<T> x = block.row(0);
          Operand<T> z = f.math.sub(x, block.constant(0));
          Operand<T> withOne =
              f.pad(z, f.constant(new int[][] {{0, 0}, {0, 1}}), Floats.constant(f, type, 1));
          Operand<T> scores = f.linalg.matMul(withOne, block.constant(1), MatMul.transposeB(true));
          LargestScore.Best<T> best = LargestScore.of(f, scores, size);

          Operand<T> length = f.sum(f.math.square(z), f.constant(1));
          Operand<T> square =
              f.math.sub(length, f.math.mul(best.score(), Floats.constant(f, type, 2)));
          // Codes that are out of range are 2^63 away from the centre, in float32, and so farther
          // than the best from a vector within 2^60.
          Operand<TBool> inRange = below(f, f.math.add(length, square), largest / 64);
          Operand<TBool> close =
              f.math.logicalAnd(
                  inRange,
                  f.math.lessEqual(
                      square,
                      f.math.mul(length, Floats.constant(f, type, 2 * rounding / TOLERANCE))));
          Operand<T> limit =
              f.select(
                  close,
                  f.math.sub(
                      best.score(), f.math.mul(length, Floats.constant(f, type, 2 * rounding))),
                  Floats.constant(f, type, Double.POSITIVE_INFINITY));
          return new Found(
              CloseCalls.decide(f, best, scores, limit, x, block.<T>constant(2)),
              f.math.logicalNot(inRange));
        });
  }

  /**
   * What a score is off by at most, as a part of ‖z‖², where the code is near: D roundings of sums
   * that are half as large on the average and go either way.
   */
  private static double rounding(Class<? extends TFloating> type, long width) {
    return (Math.sqrt((double) width) + 2) * Floats.epsilon(type);
  }

  /** A quarter of the largest number, so that nothing that is computed of it overflows. */
  private static double largestSquare(Class<? extends TFloating> type) {
    return type.equals(TFloat32.class) ? Math.scalb(1.0, 126) : Math.scalb(1.0, 1022);
  }

  private static <T extends TFloating> Found byDifferences(
      Ops tf, Operand<T> vectors, UsableCodes<T> usable, Norm norm) {
    Shape shape = usable.codes().shape();
    Operand<T> transposed =
        tf.linalg.transpose(
            usable.orElse(tf, Double.POSITIVE_INFINITY), tf.constant(new int[] {1, 0}));
    return scan(
        tf,
        vectors,
        List.of(transposed),
        Differences.blockRows(shape.get(0), shape.get(1)),
        (f, block) -> {
          Operand<T> x = block.row(0);
          Operand<T> differences = Differences.of(f, x, block.<T>constant(0));
          Operand<T> distances = Differences.norms(f, differences, norm);
          Operand<TInt32> index = f.math.argMin(distances, f.constant(1), TInt32.class);
          Operand<T> least = f.gather(distances, index, f.constant(1), Gather.batchDims(1L));
          return new Found(index, f.math.logicalNot(f.math.isFinite(least)));
        });
  }

  /**
   * Whether numbers are smaller than a bound, and numbers. TensorFlow makes "at least" of "not
   * smaller", which is wrong for what is not a number: hence the question for that.
   */
  private static <T extends TFloating> Operand<TBool> below(
      Ops tf, Operand<T> numbers, double bound) {
    return tf.math.logicalAnd(
        tf.math.isFinite(numbers),
        tf.math.less(numbers, Floats.constant(tf, numbers.type(), bound)));
  }

  /**
   * What a block comes to.
   *
   * @param index of the nearest code, {@code [n]}
   * @param lost the vectors without a distance that is a number, {@code [n]}
   */
  private record Found(Operand<TInt32> index, Operand<TBool> lost) {}

  @FunctionalInterface
  private interface BlockSearch {
    Found build(Ops tf, RowBlocks.Block block);
  }

  private static Found scan(
      Ops tf, Operand<?> vectors, List<Operand<?>> constants, int blockRows, BlockSearch search) {
    var none =
        new RowBlocks.Parts(
            List.of(tf.constant(new int[0]), tf.constant(new boolean[0])), List.of());
    RowBlocks.Parts parts =
        RowBlocks.scan(
            tf,
            List.of(vectors),
            constants,
            none,
            blockRows,
            (f, block) -> {
              Found found = search.build(f, block);
              return new RowBlocks.Parts(List.of(found.index(), found.lost()), List.of());
            });
    return new Found(parts.row(0), parts.row(1));
  }
}
