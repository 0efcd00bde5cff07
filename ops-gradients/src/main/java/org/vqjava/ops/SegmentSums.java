/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** Sums of the vectors that belong together. */
public final class SegmentSums {
  private SegmentSums() {}

  /**
   * Sums the vectors of each segment, in float64: the error does not grow with their number, while
   * a running sum in float32 stands still once it is 2^24 times as large as what is added.
   *
   * <p>No gradient. Cost: O(N·D) time; memory for one block of vectors in float64, 16 MiB, whatever
   * N is.
   *
   * <pre>{@code
   * var vectors = tf.constant(new float[][] {{1, 2}, {3, 4}, {5, 6}});
   * SegmentSums.of(tf, vectors, tf.constant(new int[] {1, 0, 1}), 2); // [[3, 4], [6, 8]]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code SegmentSums}
   * @param vectors {@code [N, D]}, N may be unknown or 0
   * @param segments which segment each vector belongs to, {@code [N]}; a negative one is left out
   * @param count how many segments there are, K
   * @param <T> float32 or float64
   * @return the sums, {@code [K, D]}; 0 for an empty segment
   * @throws IllegalArgumentException if {@code vectors} is no matrix of known width or {@code
   *     count} is below 1
   */
  public static <T extends TFloating> Operand<TFloat64> of(
      Ops tf, Operand<T> vectors, Operand<TInt32> segments, int count) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(segments, "segments");
    int width = Math.toIntExact(Check.matrix("vectors", vectors, "[N, D]").get(1));
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1, got " + count);
    }
    Ops scoped = Scopes.of(tf, "SegmentSums");
    Operand<TFloat64> zeros =
        scoped.zeros(scoped.constant(new int[] {count, width}), TFloat64.class);
    return RowBlocks.scan(
            scoped,
            List.of(scoped.stopGradient(vectors), segments),
            List.of(),
            new RowBlocks.Parts(List.of(), List.of(zeros)),
            RowBlocks.ofGathered(2L * width),
            (f, block) ->
                new RowBlocks.Parts(
                    List.of(),
                    List.of(
                        f.math.add(
                            block.<TFloat64>folded(0),
                            f.math.unsortedSegmentSum(
                                f.dtypes.cast(block.<T>row(0), TFloat64.class),
                                block.<TInt32>row(1),
                                f.constant(count))))))
        .folded(0);
  }
}
