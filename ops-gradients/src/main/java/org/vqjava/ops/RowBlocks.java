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
   * The loop's variables are: first row, N, the inputs, the constants, joined rows, folded values.
   */
  private static Parts loop(
      Ops tf,
      List<Operand<?>> inputs,
      List<Operand<?>> constants,
      Parts initial,
      int blockRows,
      Body body) {
    List<Operand<?>> variables = new ArrayList<>();
    variables.add(tf.constant(0));
    variables.add(Floats.rows(tf, inputs.get(0)));
    variables.addAll(inputs);
    variables.addAll(constants);
    int firstConstant = 2 + inputs.size();
    int firstJoined = firstConstant + constants.size();
    int firstFolded = firstJoined + initial.rows().size();
    variables.addAll(initial.rows());
    variables.addAll(initial.folded());

    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      Shape shape = variables.get(i).shape();
      shapes.add(i >= firstJoined && i < firstFolded ? anyRows(shape) : shape);
    }

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
                  Operand<TInt32> end =
                      f.math.minimum(f.math.add(begin, f.constant(blockRows)), integer(in, 1));
                  List<Operand<?>> rows = new ArrayList<>();
                  for (int i = 2; i < firstConstant; i++) {
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
                    out.set(i, join(f, in.get(i), parts.rows().get(i - firstJoined)));
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
      return new Parts(
          new ArrayList<>(out.subList(firstJoined, firstFolded)),
          new ArrayList<>(out.subList(firstFolded, out.size())));
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

  private static <T extends TType> Operand<T> join(Ops tf, Operand<T> before, Operand<?> block) {
    return tf.concat(List.of(before, Floats.<T>cast(block)), tf.constant(0));
  }
}
