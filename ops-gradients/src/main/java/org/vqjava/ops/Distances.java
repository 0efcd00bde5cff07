/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** Distances of vectors from codes, and of codes from each other. */
public final class Distances {
  /** Differences that may be in memory at once, 2 MiB in float32. */
  private static final long DIRECT = 1 << 19;

  private Distances() {}

  /**
   * The distance of each vector from the row beside it, {@code ‖x_n − y_n‖}.
   *
   * <p>Gradient: to both, finite everywhere, 0 where the rows are equal (see {@link Norms#norm}).
   * Cost: O(N·D).
   *
   * <pre>{@code
   * Distances.paired(tf, x, tf.gather(codes, indices, tf.constant(0)), Norm.L2); // [N]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code PairedDistances}
   * @param vectors {@code [.., D]}
   * @param others in the shape of {@code vectors}
   * @param norm measures the distance
   * @param <T> float32 or float64
   * @return the distances, {@code [..]}
   * @throws IllegalArgumentException if known shapes differ
   */
  public static <T extends TFloating> Operand<T> paired(
      Ops tf, Operand<T> vectors, Operand<T> others, Norm norm) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    Check.floating("vectors", vectors);
    if (!vectors.shape().isCompatibleWith(others.shape())) {
      throw new IllegalArgumentException(
          "others must have the shape of vectors " + vectors.shape() + ", got " + others.shape());
    }
    Ops scoped = Scopes.of(tf, "PairedDistances");
    return Norms.overAxis(scoped, scoped.math.sub(vectors, others), norm, -1);
  }

  /**
   * The distance of every vector from every code, {@code ‖x_n − e_k‖}, computed by the differences
   * themselves.
   *
   * <p>No gradient: it is a figure to look at. {@link #paired} has one, and {@link DistanceSum} has
   * one for the sum of them all; both take less memory than this matrix.
   *
   * <p>Cost: O(N·K·D) time; memory three times the result, and never the {@code [N, K, D]}
   * differences: beyond 2^19 of them the D coordinates are added one after the other.
   *
   * @param tf builds the ops, under its name if it has one, else {@code Distances}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param codes {@code [K, D]}, K at least 1
   * @param norm measures the distance
   * @param <T> float32 or float64
   * @return the distances, {@code [N, K]}
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<T> pairwise(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    Check.vectorsMatchCodes(vectors, codes);
    return pairwiseIn(Scopes.of(tf, "Distances"), vectors, codes, norm);
  }

  /**
   * The distance of every two codes, the strict upper triangle of the matrix row by row: (0, 1),
   * (0, 2), .., (1, 2), ..
   *
   * <p>No gradient: it is a figure to look at; {@link ClosestSpacing} has one. Cost: O(K²·D) time
   * and O(K²) memory.
   *
   * @param tf builds the ops, under its name if it has one, else {@code Spacing}
   * @param codes {@code [K, D]}, K at least 1
   * @param norm measures the distance
   * @param <T> float32 or float64
   * @return the distances, {@code [K(K−1)/2]}, empty for one code
   * @throws IllegalArgumentException if the shape is not as said
   */
  public static <T extends TFloating> Operand<T> spacing(Ops tf, Operand<T> codes, Norm norm) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(norm, "norm");
    int size = Math.toIntExact(Check.codes(codes).get(0));
    Ops scoped = Scopes.of(tf, "Spacing");
    Operand<TInt32> positions = Floats.range(scoped, size);
    Operand<TInt64> upper =
        scoped.where(scoped.math.less(scoped.expandDims(positions, scoped.constant(1)), positions));
    return scoped.reshape(
        scoped.gatherNd(pairwiseIn(scoped, codes, codes, norm), upper),
        scoped.constant(new long[] {(long) size * (size - 1) / 2}));
  }

  private static <T extends TFloating> Operand<T> pairwiseIn(
      Ops tf, Operand<T> vectors, Operand<T> codes, Norm norm) {
    long rows = vectors.shape().get(0);
    long size = codes.shape().get(0);
    long width = codes.shape().get(1);
    Operand<T> x = tf.stopGradient(vectors);
    Operand<TInt32> swap = tf.constant(new int[] {1, 0});
    Operand<T> transposed = tf.linalg.transpose(tf.stopGradient(codes), swap);
    if (rows >= 0 && rows * size * width <= DIRECT) {
      return tf.stopGradient(Differences.norms(tf, Differences.of(tf, x, transposed), norm));
    }
    Operand<T> zeros =
        tf.fill(
            tf.stack(List.of(Floats.rows(tf, vectors), tf.constant(Math.toIntExact(size)))),
            Floats.constant(tf, codes.type(), 0));
    Operand<T> folded =
        RowBlocks.scan(
                tf,
                List.of(tf.linalg.transpose(x, swap), transposed),
                List.of(),
                new RowBlocks.Parts(List.of(), List.of(zeros)),
                1,
                (f, block) -> {
                  Operand<T> column =
                      f.linalg.transpose(block.<T>row(0), f.constant(new int[] {1, 0}));
                  Operand<T> differences = f.math.sub(column, block.<T>row(1));
                  return new RowBlocks.Parts(
                      List.of(), List.of(fold(f, block.<T>folded(0), differences, norm)));
                })
            .folded(0);
    return norm == Norm.L2 ? tf.math.sqrt(folded) : folded;
  }

  private static <T extends TFloating> Operand<T> fold(
      Ops tf, Operand<T> before, Operand<T> differences, Norm norm) {
    return switch (norm) {
      case L1 -> tf.math.add(before, tf.math.abs(differences));
      case L2 -> tf.math.add(before, tf.math.square(differences));
      case LINF -> tf.math.maximum(before, tf.math.abs(differences));
    };
  }
}
