/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBool;
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
   * tie. A zero vector has cosine 0 with every code and gets the first finite code, as does a
   * vector with a number that is not finite. A code that is not finite is never chosen while there
   * are others. An empty batch gives no indices.
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
    Ops scoped = scope(tf);
    return scoped.reshape(
        search(
            scoped,
            vectors,
            codes,
            mode,
            1,
            (f, scores) -> f.expandDims(LargestScore.of(f, scores, size).index(), f.constant(1))),
        scoped.constant(new int[] {-1}));
  }

  private static Ops scope(Ops tf) {
    Objects.requireNonNull(tf, "tf");
    return Scopes.of(tf, "MostSimilarCodes");
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
        scope(tf),
        vectors,
        codes,
        mode,
        k,
        (f, scores) -> LargestScore.indices(f, scores, size, k));
  }

  @FunctionalInterface
  private interface Choice<T extends TFloating> {
    Operand<TInt32> among(Ops tf, Operand<T> scores);
  }

  private static <T extends TFloating> Operand<TInt32> search(
      Ops scoped, Operand<T> vectors, Operand<T> codes, SearchMode mode, int k, Choice<T> choice) {
    Objects.requireNonNull(mode, "mode");
    Check.vectorsMatchCodes(vectors, codes);
    var units = CosineSimilarity.Units.of(scoped, scoped.stopGradient(vectors));
    UsableCodes<T> usable = UsableCodes.of(scoped, scoped.stopGradient(codes));
    Operand<T> e = augmented(scoped, usable);
    long size = codes.shape().get(0);
    boolean fast = mode == SearchMode.FAST;
    Operand<T> constant = fast ? e : scoped.linalg.transpose(e, scoped.constant(new int[] {1, 0}));
    int blockRows =
        fast ? RowBlocks.ofProduct(size) : Differences.blockRows(size, codes.shape().get(1));
    Operand<TInt32> found =
        RowBlocks.scan(
                scoped,
                List.of(units.vectors()),
                List.of(constant),
                new RowBlocks.Parts(
                    List.of(scoped.zeros(scoped.constant(new int[] {0, k}), TInt32.class)),
                    List.of()),
                blockRows,
                (f, block) -> {
                  Operand<T> withOne =
                      f.pad(
                          block.<T>row(0),
                          f.constant(new int[][] {{0, 0}, {0, 1}}),
                          Floats.constant(f, codes.type(), 1));
                  Operand<T> scores =
                      fast
                          ? f.linalg.matMul(withOne, block.<T>constant(0), MatMul.transposeB(true))
                          : products(f, withOne, block.<T>constant(0));
                  return new RowBlocks.Parts(List.of(choice.among(f, scores)), List.of());
                })
            .row(0);
    Operand<TBool> finite = scoped.math.isFinite(units.squares());
    Operand<TInt32> usableFirst =
        scoped
            .nn
            .topK(
                scoped.dtypes.cast(
                    scoped.reshape(usable.finite(), scoped.constant(new int[] {-1})), TInt32.class),
                scoped.constant(k),
                TInt32.class)
            .indices();
    return scoped.select(finite, found, usableFirst);
  }

  /** Codes of length 1, and a column that makes the score of one that is not finite −∞. */
  private static <T extends TFloating> Operand<T> augmented(Ops tf, UsableCodes<T> usable) {
    Operand<T> zero = Floats.constant(tf, usable.codes().type(), 0);
    Operand<T> lowest = Floats.constant(tf, usable.codes().type(), Double.NEGATIVE_INFINITY);
    return tf.concat(
        List.of(
            CosineSimilarity.unit(tf, usable.orElse(tf, 0)),
            tf.select(usable.finite(), zero, lowest)),
        tf.constant(1));
  }

  /** {@code ⟨x_n, e_k⟩} as {@code [n, K]}, from {@code [n, D]} and {@code [D, K]}. */
  private static <T extends TFloating> Operand<T> products(
      Ops tf, Operand<T> vectors, Operand<T> transposed) {
    return tf.sum(tf.math.mul(transposed, tf.expandDims(vectors, tf.constant(2))), tf.constant(1));
  }
}
