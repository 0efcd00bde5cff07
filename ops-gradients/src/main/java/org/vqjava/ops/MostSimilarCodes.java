/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Which codes point most nearly in the direction of each vector. */
public final class MostSimilarCodes {
  private MostSimilarCodes() {}

  /**
   * Searches the code with the largest cosine, {@code argmax_k ⟨x_n/‖x_n‖, e_k/‖e_k‖⟩}.
   *
   * <p>Ties go to the lowest index: in {@link SearchMode#EXACT} always, in {@link SearchMode#FAST}
   * where the codes are equal once they have length 1; cosines that differ by rounding alone are no
   * tie. A zero vector has cosine 0 with every code and gets index 0; a vector with a NaN gets some
   * index. An empty batch gives no indices.
   *
   * <p>No gradient. Cost: O(N·K·D) time; memory beside the operands is 4·N bytes and one block,
   * whatever N is: in float32 16 MiB for FAST up to K = 2048, growing to 64 MiB at K = 8192, and 4
   * MiB for EXACT.
   *
   * <pre>{@code
   * var codes = tf.constant(new float[][] {{1, 0}, {0, 9}});
   * MostSimilarCodes.first(tf, tf.constant(new float[][] {{1, 2}}), codes, SearchMode.FAST); // [1]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code MostSimilarCodes}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param codes {@code [K, D]}, K at least 1
   * @param mode FAST multiplies matrices, EXACT adds up each product by itself, in the same order
   * @param <T> float32 or float64
   * @return the index of the most similar code, {@code [N]}
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<TInt32> first(
      Ops tf, Operand<T> vectors, Operand<T> codes, SearchMode mode) {
    long size = Check.codes(codes).get(0);
    return search(
        tf,
        vectors,
        codes,
        mode,
        tf.constant(new int[0]),
        (f, scores) -> LargestScore.index(f, scores, size));
  }

  /**
   * Searches the k codes with the largest cosines, as {@link #first} searches one.
   *
   * <p>Cost: that of {@code first} and a partial sort of each row of scores, or of their groups'
   * maxima and the k best groups, about 2·√(K·k) numbers, where K is a multiple of 8 and large.
   *
   * @param tf builds the ops, under its name if it has one, else {@code MostSimilarCodes}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param codes {@code [K, D]}, K at least 1
   * @param k how many, from 1 to K
   * @param mode as for {@code first}
   * @param <T> float32 or float64
   * @return the indices, most similar first, the lower index first among equals, {@code [N, k]}
   * @throws IllegalArgumentException if a shape is not as said, the types differ or k is not from 1
   *     to K
   */
  public static <T extends TFloating> Operand<TInt32> top(
      Ops tf, Operand<T> vectors, Operand<T> codes, int k, SearchMode mode) {
    long size = Check.codes(codes).get(0);
    if (k < 1 || k > size) {
      throw new IllegalArgumentException(
          "k must be from 1 to the number of codes " + size + ", got " + k);
    }
    return search(
        tf,
        vectors,
        codes,
        mode,
        tf.zeros(tf.constant(new int[] {0, k}), TInt32.class),
        (f, scores) -> LargestScore.indices(f, scores, size, k));
  }

  @FunctionalInterface
  private interface Choice<T extends TFloating> {
    Operand<TInt32> among(Ops tf, Operand<T> scores);
  }

  private static <T extends TFloating> Operand<TInt32> search(
      Ops tf,
      Operand<T> vectors,
      Operand<T> codes,
      SearchMode mode,
      Operand<TInt32> none,
      Choice<T> choice) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(mode, "mode");
    Check.vectorsMatchCodes(vectors, codes);
    Ops scoped = Scopes.of(tf, "MostSimilarCodes");
    Operand<T> x = CosineSimilarity.unit(scoped, scoped.stopGradient(vectors));
    Operand<T> e = CosineSimilarity.unit(scoped, scoped.stopGradient(codes));
    long size = codes.shape().get(0);
    boolean fast = mode == SearchMode.FAST;
    Operand<T> constant = fast ? e : scoped.linalg.transpose(e, scoped.constant(new int[] {1, 0}));
    int blockRows =
        fast ? RowBlocks.ofProduct(size) : Differences.blockRows(size, codes.shape().get(1));
    return RowBlocks.scan(
            scoped,
            List.of(x),
            List.of(constant),
            new RowBlocks.Parts(List.of(none), List.of()),
            blockRows,
            (f, block) ->
                new RowBlocks.Parts(
                    List.of(
                        choice.among(
                            f,
                            fast
                                ? f.linalg.matMul(
                                    block.<T>row(0), block.<T>constant(0), MatMul.transposeB(true))
                                : products(f, block.<T>row(0), block.<T>constant(0)))),
                    List.of()))
        .row(0);
  }

  /** {@code ⟨x_n, e_k⟩} as {@code [n, K]}, from {@code [n, D]} and {@code [D, K]}. */
  private static <T extends TFloating> Operand<T> products(
      Ops tf, Operand<T> vectors, Operand<T> transposed) {
    return tf.sum(tf.math.mul(transposed, tf.expandDims(vectors, tf.constant(2))), tf.constant(1));
  }
}
