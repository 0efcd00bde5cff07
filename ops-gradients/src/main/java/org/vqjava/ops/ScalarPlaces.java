/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.If;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * How many of some ascending bounds are below each of many values.
 *
 * <p>To compare with each bound takes a third of the time of halving for 15 bounds, by blocks that
 * stay in the processor's cache. A table of cells takes the same time for any number of them: a
 * value's cell tells how many bounds are in the cells before it, and the value is compared with the
 * one bound that may be in its own. Both the values and the bounds get their cells by the same
 * rounded subtraction and product, which keep the order, so that the answer is exact as long as no
 * cell has two bounds; where one has, halving takes over. ({@code vq bench} measures each.)
 */
final class ScalarPlaces {
  /** With more of them a table is faster. */
  private static final long MOST_COMPARED = 23;

  /** A table of cells takes as long as so many values. */
  private static final int FEWEST_FOR_TABLE = 1 << 17;

  private static final int CELLS = 1 << 14;
  private static final int BLOCK = 1 << 17;

  private ScalarPlaces() {}

  /** Of rows of bounds {@code [C, M]} and values {@code [C, N]}; not below a NaN is any bound. */
  static <T extends TFloating> Operand<TInt32> of(Ops tf, Operand<T> bounds, Operand<T> values) {
    long count = bounds.shape().get(1);
    if (bounds.shape().get(0) != 1) {
      return byHalving(tf, bounds, values);
    }
    if (count <= MOST_COMPARED) {
      return byComparing(tf, bounds, values, (int) count);
    }
    long known = values.shape().get(1);
    return known >= 0 && known < FEWEST_FOR_TABLE
        ? byHalving(tf, bounds, values)
        : byTable(tf, bounds, values, (int) count);
  }

  static <T extends TFloating> Operand<TInt32> byHalving(
      Ops tf, Operand<T> bounds, Operand<T> values) {
    return tf.lowerBound(tf.stopGradient(bounds), tf.stopGradient(values));
  }

  private static <T extends TFloating> Operand<TInt32> byComparing(
      Ops tf, Operand<T> bounds, Operand<T> values, int count) {
    Operand<TInt32> places =
        RowBlocks.scan(
                tf,
                List.of(vector(tf, values)),
                List.of(vector(tf, tf.stopGradient(bounds))),
                new RowBlocks.Parts(List.of(tf.constant(new int[0])), List.of()),
                BLOCK,
                (f, block) -> {
                  Operand<T> x = block.row(0);
                  List<Output<T>> each = f.unstack(block.<T>constant(0), (long) count).output();
                  Operand<TInt32> sum = below(f, each.get(0), x);
                  for (Output<T> bound : each.subList(1, count)) {
                    sum = f.math.add(sum, below(f, bound, x));
                  }
                  return new RowBlocks.Parts(List.of(sum), List.of());
                })
            .row(0);
    return row(tf, places);
  }

  private static <T extends TFloating> Operand<TInt32> below(
      Ops tf, Operand<T> bound, Operand<T> values) {
    return tf.dtypes.cast(tf.math.greater(values, bound), TInt32.class);
  }

  private static <T extends TFloating> Operand<TInt32> byTable(
      Ops tf, Operand<T> bounds, Operand<T> values, int count) {
    Operand<T> sorted = vector(tf, tf.stopGradient(bounds));
    Operand<T> first = tf.gather(sorted, tf.constant(0), tf.constant(0));
    Operand<T> extent =
        tf.math.sub(tf.gather(sorted, tf.constant(count - 1), tf.constant(0)), first);
    Operand<T> cellsPerUnit = tf.math.div(Floats.constant(tf, bounds.type(), CELLS - 1), extent);
    Operand<TInt32> ofBounds = cells(tf, sorted, first, cellsPerUnit);
    var shared =
        tf.math.equal(
            tf.slice(ofBounds, tf.constant(new int[] {1}), tf.constant(new int[] {count - 1})),
            tf.slice(ofBounds, tf.constant(new int[] {0}), tf.constant(new int[] {count - 1})));
    Operand<TBool> oneInEach = tf.math.logicalNot(tf.any(shared, tf.constant(0)));
    Operand<TBool> many =
        tf.math.greaterEqual(tf.size(values, TInt32.class), tf.constant(FEWEST_FOR_TABLE));

    List<Operand<?>> in = List.of(sorted, values, first, cellsPerUnit, ofBounds);
    // As RowBlocks says: functions that differ in shapes alone would be taken for one.
    String suffix = count + "x" + values.shape().get(1) + bounds.type().getSimpleName();
    try (ConcreteFunction table =
            ConcreteFunction.create(f -> branch(f, "PlacesByTable" + suffix, in, true));
        ConcreteFunction halving =
            ConcreteFunction.create(f -> branch(f, "PlacesByHalving" + suffix, in, false))) {
      Output<?> places =
          tf.statelessIf(
                  tf.math.logicalAnd(oneInEach, many),
                  in,
                  List.of(TInt32.class),
                  table,
                  halving,
                  If.outputShapes(List.of(values.shape())))
              .output()
              .get(0);
      return tf.stopGradient(places.expect(TInt32.class));
    }
  }

  private static Signature branch(Ops tf, String key, List<Operand<?>> outer, boolean byTable) {
    Signature.Builder signature = Signature.builder(key);
    List<Operand<?>> in = new ArrayList<>();
    for (Operand<?> operand : outer) {
      Placeholder<?> placeholder =
          tf.placeholder(operand.type(), Placeholder.shape(operand.shape()));
      signature.input("in" + in.size(), placeholder);
      in.add(placeholder);
    }
    return signature.output("places", byTable ? lookedUp(tf, in) : halved(tf, in)).build();
  }

  private static <T extends TFloating> Operand<TInt32> halved(Ops tf, List<Operand<?>> in) {
    return byHalving(tf, row(tf, Floats.<T>cast(in.get(0))), Floats.<T>cast(in.get(1)));
  }

  private static <T extends TFloating> Operand<TInt32> lookedUp(Ops tf, List<Operand<?>> in) {
    Operand<T> sorted = Floats.cast(in.get(0));
    Operand<T> values = Floats.cast(in.get(1));
    Operand<TInt32> before =
        vector(
            tf,
            tf.lowerBound(
                row(tf, Floats.<TInt32>cast(in.get(4))), row(tf, Floats.range(tf, CELLS))));
    Operand<T> beyond =
        tf.reshape(
            Floats.constant(tf, sorted.type(), Double.POSITIVE_INFINITY),
            tf.constant(new int[] {1}));
    Operand<T> own =
        tf.gather(tf.concat(List.of(sorted, beyond), tf.constant(0)), before, tf.constant(0));
    Operand<TInt32> cell = cells(tf, values, Floats.<T>cast(in.get(2)), Floats.<T>cast(in.get(3)));
    return tf.math.add(
        tf.gather(before, cell, tf.constant(0)),
        below(tf, tf.gather(own, cell, tf.constant(0)), values));
  }

  /**
   * From 0 to CELLS − 1, ascending with the values; 0 or so for a NaN, whatever the cast makes of
   * it.
   */
  private static <T extends TFloating> Operand<TInt32> cells(
      Ops tf, Operand<T> values, Operand<T> first, Operand<T> cellsPerUnit) {
    Operand<T> cell =
        tf.math.minimum(
            tf.math.mul(tf.math.sub(values, first), cellsPerUnit),
            Floats.constant(tf, values.type(), CELLS - 1));
    return tf.math.minimum(
        tf.math.maximum(tf.dtypes.cast(cell, TInt32.class), tf.constant(0)),
        tf.constant(CELLS - 1));
  }

  private static <T extends TType> Operand<T> vector(Ops tf, Operand<T> row) {
    return tf.reshape(row, tf.constant(new int[] {-1}));
  }

  private static <T extends TType> Operand<T> row(Ops tf, Operand<T> vector) {
    return tf.reshape(vector, tf.constant(new int[] {1, -1}));
  }
}
