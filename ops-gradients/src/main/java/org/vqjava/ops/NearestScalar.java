/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Arrays;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * Which code is nearest to each of many numbers: {@link NearestCode} for D = 1, by sorted codes in
 * place of distances.
 *
 * <p>The codes are sorted, and between two neighbours a threshold is set: the largest number of the
 * type that is nearer to the lower one. A number's place among the thresholds is its code.
 */
public final class NearestScalar {
  private NearestScalar() {}

  /**
   * Searches the nearest code of each value, {@code argmin_j |v − c_j|}.
   *
   * <p>Ties go to the lowest index, in whatever order the codes are: between equal codes, and in
   * the middle between two codes. In float32 the middle is exact; in float64 it is rounded once. A
   * NaN gets some index in {@code [0, K)}.
   *
   * <p>No gradient, neither to the values nor to the codes.
   *
   * <p>Cost: O(N·K) time up to K = 24, by blocks; with more codes O(N), if N is at least 2¹⁷ and no
   * two codes are too close for a table of 2¹⁴ cells, else O(N·log K). Memory: O(N) beside the
   * operands, 4·N bytes of it for the result, and never the {@code [N, K]} matrix.
   *
   * <pre>{@code
   * var codes = tf.constant(new float[] {4, 0, 1});
   * NearestScalar.indices(tf, tf.constant(new float[] {-3, 0.5f, 2.5f}), codes); // [1, 1, 0]
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code NearestScalar}
   * @param values of any shape
   * @param codes {@code [K]}, K at least 1, in any order
   * @param <T> float32 or float64
   * @return the index of the nearest code, in the shape of {@code values}
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<TInt32> indices(
      Ops tf, Operand<T> values, Operand<T> codes) {
    Objects.requireNonNull(tf, "tf");
    checkTypes(values, codes);
    Shape shape = codes.shape();
    if (shape.isUnknown() || shape.numDimensions() != 1 || shape.get(0) < 1) {
      throw new IllegalArgumentException(
          "codes must have shape [K] with known K, at least 1, got " + shape);
    }
    Ops scoped = Scopes.of(tf, "NearestScalar");
    Operand<TInt32> found =
        search(
            scoped,
            scoped.reshape(values, scoped.constant(new int[] {1, -1})),
            scoped.reshape(codes, scoped.constant(new long[] {1, shape.get(0)})));
    return scoped.reshape(found, shape(scoped, values));
  }

  /**
   * The same with codes of its own for each channel, {@code argmin_j |v[.., c, ..] − codes[c, j]|}.
   *
   * @param tf builds the ops, under its name if it has one, else {@code NearestScalar}
   * @param values of a known rank, with C channels along {@code axis}
   * @param codes {@code [C, K]}, K at least 1, each row in any order
   * @param axis of the channels, from 0
   * @param <T> float32 or float64
   * @return the index of the nearest code of the channel, in the shape of {@code values}
   * @throws IllegalArgumentException if a shape is not as said, or the types differ
   */
  public static <T extends TFloating> Operand<TInt32> indicesPerChannel(
      Ops tf, Operand<T> values, Operand<T> codes, int axis) {
    Objects.requireNonNull(tf, "tf");
    checkTypes(values, codes);
    Shape book = codes.shape();
    if (book.isUnknown() || book.numDimensions() != 2 || book.get(0) < 1 || book.get(1) < 1) {
      throw new IllegalArgumentException(
          "codes must have shape [C, K] with known sizes, at least 1, got " + book);
    }
    Shape shape = values.shape();
    if (shape.isUnknown() || axis < 0 || axis >= shape.numDimensions()) {
      throw new IllegalArgumentException(
          "axis must be one of values, which have shape " + shape + ", got " + axis);
    }
    if (shape.get(axis) != book.get(0)) {
      throw new IllegalArgumentException(
          "values must have the "
              + book.get(0)
              + " channels of codes along axis "
              + axis
              + ", got shape "
              + shape);
    }
    Ops scoped = Scopes.of(tf, "NearestScalar");
    // The axis changes places with the first one: the same permutation there and back.
    int[] swapped = new int[shape.numDimensions()];
    for (int i = 0; i < swapped.length; i++) {
      swapped[i] = i;
    }
    swapped[0] = axis;
    swapped[axis] = 0;
    Operand<TInt32> permutation = scoped.constant(swapped);
    Operand<T> channelsFirst = scoped.linalg.transpose(values, permutation);
    Operand<TInt32> found =
        search(
            scoped,
            scoped.reshape(channelsFirst, scoped.constant(new long[] {book.get(0), -1})),
            codes);
    return scoped.linalg.transpose(
        scoped.reshape(found, shape(scoped, channelsFirst)), permutation);
  }

  private static void checkTypes(Operand<?> values, Operand<?> codes) {
    Check.floating("values", values);
    Check.floating("codes", codes);
    Check.sameType("values", values, "codes", codes);
  }

  private static Operand<TInt32> shape(Ops tf, Operand<?> operand) {
    Shape known = operand.shape();
    return known.hasUnknownDimension()
        ? tf.shape(operand)
        : tf.constant(Arrays.stream(known.asArray()).mapToInt(Math::toIntExact).toArray());
  }

  /** Rows of values {@code [C, N]} by rows of codes {@code [C, K]}. */
  private static <T extends TFloating> Operand<TInt32> search(
      Ops tf, Operand<T> values, Operand<T> codes) {
    int channels = Math.toIntExact(codes.shape().get(0));
    int size = Math.toIntExact(codes.shape().get(1));
    if (size == 1) {
      return tf.zerosLike(tf.dtypes.cast(values, TInt32.class));
    }
    Operand<T> fixed = tf.stopGradient(codes);
    // Ascending; equal codes in the order of their indices, as TopK has it.
    TopK<T, TInt32> descending = tf.nn.topK(tf.math.neg(fixed), tf.constant(size), TInt32.class);
    Operand<T> sorted = tf.math.neg(descending.values());
    Operand<TInt32> firstOfEqual = ScalarPlaces.byHalving(tf, sorted, sorted);
    Operand<TInt32> index = pick(tf, descending.indices(), firstOfEqual, channels, size);
    Operand<TInt32> place = ScalarPlaces.of(tf, thresholds(tf, sorted, index, size), values);
    return tf.stopGradient(pick(tf, index, place, channels, size));
  }

  /**
   * Between each two neighbours the largest number that goes to the lower one. In the middle itself
   * the lower index wins.
   */
  private static <T extends TFloating> Operand<T> thresholds(
      Ops tf, Operand<T> sorted, Operand<TInt32> index, int size) {
    Operand<T> low = columns(tf, sorted, 0, size - 1);
    Operand<T> high = columns(tf, sorted, 1, size - 1);
    Operand<TFloat64> half = tf.constant(0.5);
    Operand<TFloat64> middle =
        tf.math.add(
            tf.math.mul(tf.dtypes.cast(low, TFloat64.class), half),
            tf.math.mul(tf.dtypes.cast(high, TFloat64.class), half));
    Operand<T> rounded = tf.dtypes.cast(middle, sorted.type());
    Operand<TFloat64> wide = tf.dtypes.cast(rounded, TFloat64.class);
    var highWins = tf.math.less(columns(tf, index, 1, size - 1), columns(tf, index, 0, size - 1));
    var tooHigh =
        tf.math.logicalOr(
            tf.math.greater(wide, middle),
            tf.math.logicalAnd(highWins, tf.math.equal(wide, middle)));
    return tf.select(tooHigh, nextBelow(tf, rounded), rounded);
  }

  /**
   * The next smaller number that TensorFlow computes with: it takes subnormal ones for 0, so that
   * below 0 comes the smallest normal one.
   */
  private static <T extends TFloating> Operand<T> nextBelow(Ops tf, Operand<T> x) {
    Class<T> type = x.type();
    double smallest = type.equals(TFloat64.class) ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    Operand<T> below =
        tf.math.nextAfter(
            x, tf.fill(tf.shape(x), Floats.constant(tf, type, Double.NEGATIVE_INFINITY)));
    Operand<T> belowZero = tf.fill(tf.shape(x), Floats.constant(tf, type, -smallest));
    return tf.select(tf.math.equal(x, tf.zerosLike(x)), belowZero, below);
  }

  private static <T extends TType> Operand<T> columns(
      Ops tf, Operand<T> rows, int from, int count) {
    return tf.slice(rows, tf.constant(new int[] {0, from}), tf.constant(new int[] {-1, count}));
  }

  /** {@code table[c, places[c, n]]}. */
  private static Operand<TInt32> pick(
      Ops tf, Operand<TInt32> table, Operand<TInt32> places, int channels, int size) {
    if (channels == 1) {
      return tf.gather(tf.reshape(table, tf.constant(new int[] {-1})), places, tf.constant(0));
    }
    Operand<TInt32> firsts =
        tf.reshape(
            tf.math.mul(Floats.range(tf, channels), tf.constant(size)),
            tf.constant(new int[] {channels, 1}));
    return tf.gather(
        tf.reshape(table, tf.constant(new int[] {-1})),
        tf.math.add(places, firsts),
        tf.constant(0));
  }
}
