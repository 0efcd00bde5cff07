/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Which code is nearest to each vector. */
public final class NearestCode {
  private NearestCode() {}

  /**
   * Searches the nearest code of each vector, {@code argmin_k ‖x_n − e_k‖}.
   *
   * <p>Ties go to the lowest index: always in {@link SearchMode#EXACT}, under L1 and under L∞; in
   * {@link SearchMode#FAST} between equal codes, while two different codes that are equally far
   * within rounding may go either way. A vector with a NaN gets some index in {@code [0, K)}. An
   * empty batch gives no indices.
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
    Operand<T> e = scoped.stopGradient(codes);
    return norm == Norm.L2 && mode == SearchMode.FAST
        ? byMultiplication(scoped, x, e)
        : byDifferences(scoped, x, e, norm);
  }

  /**
   * argmax ⟨z, e⟩ − ½‖e‖² about the codebook's mean; the last term is a column of the
   * multiplication, as adding it afterwards costs a third of the multiplication itself.
   */
  private static <T extends TFloating> Operand<TInt32> byMultiplication(
      Ops tf, Operand<T> vectors, Operand<T> codes) {
    long size = codes.shape().get(0);
    Operand<T> mean = tf.math.mean(codes, tf.constant(0));
    Operand<T> centred = tf.math.sub(codes, mean);
    Operand<T> halfSquares =
        tf.math.mul(
            tf.sum(tf.math.square(centred), tf.constant(1), Sum.keepDims(true)),
            Floats.constant(tf, codes.type(), -0.5));
    Operand<T> augmented = tf.concat(List.of(centred, halfSquares), tf.constant(1));
    return scan(
        tf,
        vectors,
        List.of(mean, augmented),
        RowBlocks.ofProduct(size),
        (f, block) -> {
          Operand<T> z = f.math.sub(block.row(0), block.constant(0));
          Operand<T> withOne =
              f.pad(
                  z,
                  f.constant(new int[][] {{0, 0}, {0, 1}}),
                  Floats.constant(f, vectors.type(), 1));
          Operand<T> scores = f.linalg.matMul(withOne, block.constant(1), MatMul.transposeB(true));
          return LargestScore.index(f, scores, size);
        });
  }

  private static <T extends TFloating> Operand<TInt32> byDifferences(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm) {
    Operand<T> transposed = tf.linalg.transpose(codes, tf.constant(new int[] {1, 0}));
    return scan(
        tf,
        vectors,
        List.of(transposed),
        Differences.blockRows(codes.shape().get(0), codes.shape().get(1)),
        (f, block) -> {
          Operand<T> differences = Differences.of(f, block.<T>row(0), block.<T>constant(0));
          Operand<T> distances = Differences.norms(f, differences, norm);
          return f.math.argMin(distances, f.constant(1), TInt32.class);
        });
  }

  @FunctionalInterface
  private interface BlockSearch {
    Operand<TInt32> build(Ops tf, RowBlocks.Block block);
  }

  private static Operand<TInt32> scan(
      Ops tf, Operand<?> vectors, List<Operand<?>> constants, int blockRows, BlockSearch search) {
    var none = new RowBlocks.Parts(List.of(tf.constant(new int[0])), List.of());
    return RowBlocks.scan(
            tf,
            List.of(vectors),
            constants,
            none,
            blockRows,
            (f, block) -> new RowBlocks.Parts(List.of(search.build(f, block)), List.of()))
        .row(0);
  }
}
