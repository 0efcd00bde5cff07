/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.While;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * Runs a computation over consecutive blocks of rows, so that what it holds at once does not grow
 * with the number of rows, which may be unknown when the graph is built.
 *
 * <p>Rows that are known to fit in one block are computed in place; else the blocks are the turns
 * of a functional while loop. (TensorFlow 2.18 has no gradient for a {@code Graph.whileLoop}
 * anywhere between a variable and a loss; a functional one is no obstacle where a stop-gradient
 * stands behind it, which {@link #scan} puts there.)
 */
final class RowBlocks {
  /**
   * 16 MiB in float32: with a quarter of it one thread is as fast, while two take a third longer,
   * as they wait for each other after each block.
   */
  private static final long BLOCK = 1 << 22;

  /** Each block's multiplication arranges the codes anew, which costs as much as 70 rows do. */
  private static final long FEWEST_ROWS = 2048;

  /** 64 MiB in float32. */
  private static final long MOST = 1 << 24;

  private static final long MOST_ROWS = 8192;

  /** Should all of them be in lists, these take some 40 bytes each. */
  private static final long MOST_PAIRS = 1 << 23;

  /** 16 MiB in float32. */
  private static final long MOST_GATHERED = 1 << 22;

  /** What one block is computed from; {@code folded} is what the blocks before it came to. */
  record Block(List<Operand<?>> rows, List<Operand<?>> constants, List<Operand<?>> folded) {
    <T extends TType> Operand<T> row(int i) {
      return Floats.cast(rows.get(i));
    }

    <T extends TType> Operand<T> constant(int i) {
      return Floats.cast(constants.get(i));
    }

    <T extends TType> Operand<T> folded(int i) {
      return Floats.cast(folded.get(i));
    }
  }

  /** Values per row, which are joined over the blocks, and values folded over them. */
  record Parts(List<Operand<?>> rows, List<Operand<?>> folded) {
    <T extends TType> Operand<T> row(int i) {
      return Floats.cast(rows.get(i));
    }

    <T extends TType> Operand<T> folded(int i) {
      return Floats.cast(folded.get(i));
    }
  }

  /** Computes one block. */
  @FunctionalInterface
  interface Body {
    Parts build(Ops tf, Block block);
  }

  private RowBlocks() {}

  /** How many rows of a matrix {@code [N, size]} are multiplied at once. */
  static int ofProduct(long size) {
    long fewest = Math.min(FEWEST_ROWS, MOST / size);
    return (int) Math.max(1, Math.min(MOST_ROWS, Math.max(fewest, BLOCK / size)));
  }

  /** How many rows, if any element of the product may come into a list of pairs. */
  static int ofPairs(long size) {
    return (int) Math.max(1, Math.min(ofProduct(size), MOST_PAIRS / size));
  }

  /** How many rows of {@code width} numbers are gathered at once, 16 MiB in float32. */
  static int ofGathered(long width) {
    return (int) Math.max(1, MOST_GATHERED / width);
  }

  /**
   * Scans the rows.
   *
   * @param inputs what is cut into blocks, each {@code [N, ..]} of known rank
   * @param constants what every block gets whole
   * @param initial what an empty batch gives: rows {@code [0, ..]} and folded values, of known type
   *     and shape
   * @param blockRows the largest number of rows in a block
   * @return the joined rows and the folded values; no gradient flows through them
   */
  static Parts scan(
      Ops tf,
      List<Operand<?>> inputs,
      List<Operand<?>> constants,
      Parts initial,
      int blockRows,
      Body body) {
    long known = inputs.get(0).shape().get(0);
    Parts parts =
        known >= 0 && known <= blockRows
            ? body.build(tf, new Block(inputs, constants, initial.folded()))
            : loop(tf, inputs, constants, initial, blockRows, body);
    return new Parts(stop(tf, parts.rows()), stop(tf, parts.folded()));
  }

  private static List<Operand<?>> stop(Ops tf, List<Operand<?>> operands) {
    List<Operand<?>> stopped = new ArrayList<>();
    operands.forEach(operand -> stopped.add(tf.stopGradient(operand)));
    return stopped;
  }

  /**
   * The loop's variables are: first row, N, rows of a block, the inputs, the constants, joined
   * rows, folded values.
   */
  private static Parts loop(
      Ops tf,
      List<Operand<?>> inputs,
      List<Operand<?>> constants,
      Parts initial,
      int blockRows,
      Body body) {
    Operand<TInt32> count = Floats.rows(tf, inputs.get(0));
    Operand<TInt32> rowsInBlock =
        tf.math.maximum(tf.constant(1), tf.math.minimum(count, tf.constant(blockRows)));
    List<Operand<?>> variables = new ArrayList<>(List.of(tf.constant(0), count, rowsInBlock));
    int firstInput = variables.size();
    variables.addAll(inputs);
    int firstConstant = variables.size();
    variables.addAll(constants);
    int firstJoined = variables.size();
    initial.rows().forEach(row -> variables.add(room(tf, count, rowsInBlock, row)));
    int firstFolded = variables.size();
    variables.addAll(initial.folded());

    List<Shape> shapes = new ArrayList<>();
    variables.subList(0, firstJoined).forEach(operand -> shapes.add(operand.shape()));
    initial.rows().forEach(row -> shapes.add(anyRows(row.shape()).prepend(Shape.UNKNOWN_SIZE)));
    initial.folded().forEach(operand -> shapes.add(operand.shape()));

    // TensorFlow adds a hash of the body to a function's name, not of the shapes of its arguments:
    // two scans that differ in shapes alone would share the function of the first.
    String suffix = Integer.toHexString(shapes.toString().hashCode());
    try (ConcreteFunction more =
            ConcreteFunction.create(
                f -> {
                  List<Operand<?>> in = placeholders(f, variables, shapes);
                  return signature("RowBlocksMore" + suffix, in)
                      .output("more", f.math.less(integer(in, 0), integer(in, 1)))
                      .build();
                });
        ConcreteFunction turn =
            ConcreteFunction.create(
                f -> {
                  List<Operand<?>> in = placeholders(f, variables, shapes);
                  Operand<TInt32> begin = integer(in, 0);
                  Operand<TInt32> most = integer(in, 2);
                  Operand<TInt32> end = f.math.minimum(f.math.add(begin, most), integer(in, 1));
                  List<Operand<?>> rows = new ArrayList<>();
                  for (int i = firstInput; i < firstConstant; i++) {
                    rows.add(rows(f, in.get(i), begin, end));
                  }
                  Parts parts =
                      body.build(
                          f,
                          new Block(
                              rows,
                              in.subList(firstConstant, firstJoined),
                              in.subList(firstFolded, in.size())));
                  List<Operand<?>> out = new ArrayList<>(in);
                  out.set(0, end);
                  for (int i = firstJoined; i < firstFolded; i++) {
                    out.set(i, written(f, in.get(i), begin, most, parts.row(i - firstJoined)));
                  }
                  for (int i = firstFolded; i < out.size(); i++) {
                    out.set(i, parts.folded().get(i - firstFolded));
                  }
                  Signature.Builder signature = signature("RowBlocksTurn" + suffix, in);
                  for (int i = 0; i < out.size(); i++) {
                    signature.output("out" + i, f.identity(out.get(i)));
                  }
                  return signature.build();
                })) {
      List<Output<?>> out =
          tf.statelessWhile(variables, more, turn, While.outputShapes(shapes)).output();
      List<Operand<?>> rows = new ArrayList<>();
      for (int i = 0; i < initial.rows().size(); i++) {
        rows.add(joined(tf, out.get(firstJoined + i), count, initial.rows().get(i)));
      }
      return new Parts(rows, new ArrayList<>(out.subList(firstFolded, out.size())));
    }
  }

  private static List<Operand<?>> placeholders(
      Ops tf, List<Operand<?>> variables, List<Shape> shapes) {
    List<Operand<?>> placeholders = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      placeholders.add(tf.placeholder(variables.get(i).type(), Placeholder.shape(shapes.get(i))));
    }
    return placeholders;
  }

  private static Signature.Builder signature(String key, List<Operand<?>> in) {
    Signature.Builder signature = Signature.builder(key);
    for (int i = 0; i < in.size(); i++) {
      signature.input("in" + i, in.get(i));
    }
    return signature;
  }

  private static Shape anyRows(Shape shape) {
    long[] sizes = shape.asArray();
    sizes[0] = Shape.UNKNOWN_SIZE;
    return Shape.of(sizes);
  }

  private static <T extends TType> Operand<T> rows(
      Ops tf, Operand<T> operand, Operand<TInt32> begin, Operand<TInt32> end) {
    int others = operand.shape().numDimensions() - 1;
    int[] all = new int[others];
    Arrays.fill(all, -1);
    return tf.ensureShape(
        tf.slice(
            operand,
            tf.concat(List.of(vector(tf, begin), tf.constant(new int[others])), tf.constant(0)),
            tf.concat(
                List.of(vector(tf, tf.math.sub(end, begin)), tf.constant(all)), tf.constant(0))),
        anyRows(operand.shape()));
  }

  private static Operand<TInt32> vector(Ops tf, Operand<TInt32> scalar) {
    return tf.reshape(scalar, tf.constant(new int[] {1}));
  }

  private static Operand<TInt32> integer(List<Operand<?>> operands, int i) {
    return Floats.cast(operands.get(i));
  }

  /** Room for {@code [blocks, rowsInBlock, ..]}. */
  private static <T extends TType> Operand<T> room(
      Ops tf, Operand<TInt32> count, Operand<TInt32> rowsInBlock, Operand<T> noRows) {
    Operand<TInt32> blocks =
        tf.math.floorDiv(tf.math.add(count, tf.math.sub(rowsInBlock, tf.constant(1))), rowsInBlock);
    return tf.empty(
        tf.concat(
            List.of(vector(tf, blocks), vector(tf, rowsInBlock), sizesOfRow(tf, noRows)),
            tf.constant(0)),
        noRows.type());
  }

  /**
   * A block is written to its place, which nothing but the loop can see: joined by concatenation,
   * all rows before it would be copied in every turn.
   */
  private static <T extends TType> Operand<T> written(
      Ops tf, Operand<?> room, Operand<TInt32> begin, Operand<TInt32> most, Operand<T> rows) {
    Operand<TInt32> missing = tf.math.sub(most, Floats.rows(tf, rows));
    Operand<TInt32> others = tf.constant(new int[2 * rows.shape().numDimensions() - 2]);
    Operand<TInt32> atEnd =
        tf.concat(List.of(tf.constant(new int[1]), vector(tf, missing), others), tf.constant(0));
    Operand<T> padded =
        tf.pad(
            rows,
            tf.reshape(atEnd, tf.constant(new int[] {-1, 2})),
            tf.dtypes.cast(tf.constant(0), rows.type()));
    return tf.inplaceUpdate(
        Floats.<T>cast(room),
        vector(tf, tf.math.floorDiv(begin, most)),
        tf.expandDims(padded, tf.constant(0)));
  }

  private static <T extends TType> Operand<T> joined(
      Ops tf, Operand<?> room, Operand<TInt32> count, Operand<T> noRows) {
    Operand<TInt32> sizes = sizesOfRow(tf, noRows);
    Operand<T> padded =
        tf.reshape(
            Floats.<T>cast(room),
            tf.concat(List.of(tf.constant(new int[] {-1}), sizes), tf.constant(0)));
    return tf.slice(
        padded,
        tf.constant(new int[noRows.shape().numDimensions()]),
        tf.concat(List.of(vector(tf, count), sizes), tf.constant(0)));
  }

  private static Operand<TInt32> sizesOfRow(Ops tf, Operand<?> rows) {
    long[] sizes = rows.shape().asArray();
    return tf.constant(Arrays.stream(sizes).skip(1).mapToInt(Math::toIntExact).toArray());
  }
}
