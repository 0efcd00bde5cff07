/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Vectors with several codes whose scores differ by no more than rounding: these few codes are
 * compared by subtraction.
 *
 * <p>Blocks bound the memory, whatever part of all scores is close to the best.
 */
final class CloseCalls {
  private CloseCalls() {}

  /**
   * Decides between all codes whose score reaches the limit of their row.
   *
   * @param best the largest scores; what a row without a limit keeps
   * @param scores {@code [n, K]}
   * @param limit of each row, {@code [n]}; infinite for one that is no close call
   * @param vectors {@code [n, D]}
   * @param codes {@code [K, D]}
   * @return the index of the nearest code, the lowest of those that tie, {@code [n]}
   */
  static <T extends TFloating> Operand<TInt32> decide(
      Ops tf,
      LargestScore.Best<T> best,
      Operand<T> scores,
      Operand<T> limit,
      Operand<T> vectors,
      Operand<T> codes) {
    int size = Math.toIntExact(codes.shape().get(0));
    int group = LargestScore.group(size);
    Places groups =
        Places.of(tf, tf.math.greaterEqual(best.ofGroups(), tf.expandDims(limit, tf.constant(1))));
    Class<T> type = codes.type();
    double most = type.equals(TFloat32.class) ? Float.MAX_VALUE : Double.MAX_VALUE;
    Operand<T> farthest = tf.fill(tf.shape(best.index()), Floats.constant(tf, type, most));
    return RowBlocks.scan(
            tf,
            List.of(groups.rows(), groups.columns()),
            List.of(tf.reshape(scores, tf.constant(new int[] {-1, group})), limit, vectors, codes),
            new RowBlocks.Parts(List.of(), List.of(farthest, best.index())),
            RowBlocks.ofGathered(group * codes.shape().get(1)),
            (f, block) -> {
              Operand<TInt32> row = block.row(0);
              Operand<TInt32> column = block.row(1);
              Operand<TInt32> number =
                  f.math.add(f.math.mul(row, f.constant(size / group)), column);
              Operand<T> members = f.gather(block.<T>constant(0), number, f.constant(0));
              Operand<T> limits = f.gather(block.<T>constant(1), row, f.constant(0));
              Places within =
                  Places.of(f, f.math.greaterEqual(members, f.expandDims(limits, f.constant(1))));
              Operand<TInt32> first =
                  f.math.mul(f.gather(column, within.rows(), f.constant(0)), f.constant(group));
              Places pairs =
                  new Places(
                      f.gather(row, within.rows(), f.constant(0)),
                      f.math.add(first, within.columns()));
              Operand<T> differences =
                  f.math.sub(
                      f.gather(block.<T>constant(3), pairs.columns(), f.constant(0)),
                      f.gather(block.<T>constant(2), pairs.rows(), f.constant(0)));
              return nearer(
                  f, pairs, f.sum(f.math.square(differences), f.constant(1)), block.folded());
            })
        .folded(1);
  }

  private record Places(Operand<TInt32> rows, Operand<TInt32> columns) {
    static Places of(Ops tf, Operand<TBool> matrix) {
      Operand<TInt64> places = tf.where(matrix);
      return new Places(column(tf, places, 0), column(tf, places, 1));
    }

    private static Operand<TInt32> column(Ops tf, Operand<TInt64> places, int number) {
      return tf.dtypes.cast(tf.gather(places, tf.constant(number), tf.constant(1)), TInt32.class);
    }
  }

  /**
   * Folded: the least square of each row and the index of its code. Pairs are in ascending order,
   * so that an earlier one wins a tie.
   */
  private static <T extends TFloating> RowBlocks.Parts nearer(
      Ops tf, Places pairs, Operand<T> squares, List<Operand<?>> before) {
    Operand<T> least = Floats.cast(before.get(0));
    Operand<TInt32> index = Floats.cast(before.get(1));
    Operand<TInt32> count = Floats.rows(tf, index);
    Operand<T> leastHere = tf.math.unsortedSegmentMin(squares, pairs.rows(), count);
    Operand<TBool> ties =
        tf.math.equal(squares, tf.gather(leastHere, pairs.rows(), tf.constant(0)));
    Operand<TInt32> lowest =
        tf.math.unsortedSegmentMin(
            tf.select(ties, pairs.columns(), tf.constant(Integer.MAX_VALUE)), pairs.rows(), count);
    Operand<TBool> better = tf.math.less(leastHere, least);
    return new RowBlocks.Parts(
        List.of(), List.of(tf.select(better, leastHere, least), tf.select(better, lowest, index)));
  }
}
