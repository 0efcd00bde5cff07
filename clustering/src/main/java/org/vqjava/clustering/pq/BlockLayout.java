/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TType;

/**
 * How a weight is cut into blocks. Every weight is seen as a matrix {@code [out, columns]}; each
 * row is cut into blocks of {@code blockSize} columns. Block number {@code j · out + o} is block j
 * of row o.
 */
public enum BlockLayout {
  /** Rows first: an embedding {@code [entries, width]}, or a weight {@code [out, in, ..]}. */
  ROWS,
  /**
   * A dense kernel {@code [in, out]}, as TensorFlow stores it; with more axes in front the columns
   * run over these too, the last of them fastest.
   */
  DENSE,
  /**
   * A convolution kernel {@code [height, width, in, out]}, as TensorFlow stores it, or one of one
   * or three dimensions, {@code [width, in, out]} say; columns run over in, then height, then
   * width, so that a block of height · width numbers is a filter of one input channel.
   */
  CONVOLUTION,
  /** A kernel {@code [in, out, ..]} whose outputs have several axes, of an attention say. */
  INPUT_FIRST;

  /**
   * How many blocks a weight has.
   *
   * @param shape of the weight
   * @param blockSize numbers in a block
   * @return n
   * @throws IllegalArgumentException if the shape does not suit the layout, or the block size does
   *     not divide the columns
   */
  public int blocks(Shape shape, int blockSize) {
    check(shape, blockSize);
    return Math.toIntExact(shape.size() / blockSize);
  }

  /**
   * Cuts a weight into blocks.
   *
   * @param weight its values, row-major
   * @param shape of the weight
   * @param blockSize numbers in a block
   * @return the blocks, {@code [n, blockSize]}
   * @throws IllegalArgumentException if the shape does not suit the values, the layout or the block
   *     size
   */
  public float[] toBlocks(float[] weight, Shape shape, int blockSize) {
    checkSize("weight", weight.length, shape, blockSize);
    float[] blocks = new float[weight.length];
    int[] places = places(shape, blockSize);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = weight[places[i]];
    }
    return blocks;
  }

  /**
   * Puts blocks together again.
   *
   * @param blocks {@code [n, blockSize]}
   * @param shape of the weight
   * @param blockSize numbers in a block
   * @return the weight's values, row-major
   * @throws IllegalArgumentException as {@link #toBlocks}
   */
  public float[] toWeight(float[] blocks, Shape shape, int blockSize) {
    checkSize("blocks", blocks.length, shape, blockSize);
    float[] weight = new float[blocks.length];
    int[] places = places(shape, blockSize);
    for (int i = 0; i < blocks.length; i++) {
      weight[places[i]] = blocks[i];
    }
    return weight;
  }

  /** Where each number of the blocks is in the weight. */
  private int[] places(Shape shape, int blockSize) {
    int out = out(shape);
    int columns = Math.toIntExact(shape.size() / out);
    int[] places = new int[out * columns];
    int i = 0;
    for (int j = 0; j < columns / blockSize; j++) {
      for (int o = 0; o < out; o++) {
        for (int d = 0; d < blockSize; d++) {
          places[i++] = place(shape, out, columns, o, j * blockSize + d);
        }
      }
    }
    return places;
  }

  private int place(Shape shape, int out, int columns, int row, int column) {
    return switch (this) {
      case ROWS -> row * columns + column;
      case DENSE, INPUT_FIRST -> column * out + row;
      case CONVOLUTION -> {
        int in = Math.toIntExact(shape.get(shape.numDimensions() - 2));
        int places = columns / in;
        yield (column % places * in + column / places) * out + row;
      }
    };
  }

  /**
   * Puts blocks together again in a graph. The gradient goes back to the blocks unchanged.
   *
   * @param tf builds the ops
   * @param blocks {@code [n, blockSize]}
   * @param shape of the weight
   * @param blockSize numbers in a block
   * @param <T> any type
   * @return the weight
   * @throws IllegalArgumentException if the shape does not suit the layout or the block size
   */
  public <T extends TType> Operand<T> toWeight(
      Ops tf, Operand<T> blocks, Shape shape, int blockSize) {
    check(shape, blockSize);
    long out = out(shape);
    long columns = shape.size() / out;
    Operand<T> rows =
        tf.reshape(
            tf.linalg.transpose(
                tf.reshape(blocks, tf.constant(new long[] {columns / blockSize, out, blockSize})),
                tf.constant(new int[] {1, 0, 2})),
            tf.constant(new long[] {out, columns}));
    return switch (this) {
      case ROWS -> tf.reshape(rows, tf.constant(shape.asArray()));
      case DENSE, INPUT_FIRST ->
          tf.reshape(
              tf.linalg.transpose(rows, tf.constant(new int[] {1, 0})),
              tf.constant(shape.asArray()));
      case CONVOLUTION -> {
        int rank = shape.numDimensions();
        long[] sizes = new long[rank];
        int[] order = new int[rank];
        sizes[0] = out;
        sizes[1] = shape.get(rank - 2);
        for (int i = 2; i < rank; i++) {
          sizes[i] = shape.get(i - 2);
          order[i - 2] = i;
        }
        order[rank - 2] = 1;
        yield tf.linalg.transpose(tf.reshape(rows, tf.constant(sizes)), tf.constant(order));
      }
    };
  }

  private int out(Shape shape) {
    return Math.toIntExact(
        switch (this) {
          case ROWS -> shape.get(0);
          case DENSE, CONVOLUTION -> shape.get(shape.numDimensions() - 1);
          case INPUT_FIRST -> shape.size() / shape.get(0);
        });
  }

  /**
   * How many numbers a row has, which a block size must divide.
   *
   * @param shape of the weight
   * @return columns
   * @throws IllegalArgumentException if the shape does not suit the layout
   */
  public long columns(Shape shape) {
    checkShape(shape);
    return shape.size() / out(shape);
  }

  private void checkSize(String name, int count, Shape shape, int blockSize) {
    check(shape, blockSize);
    if (count != shape.size()) {
      throw new IllegalArgumentException(
          name
              + " must have the "
              + shape.size()
              + " numbers of shape "
              + shape
              + ", got "
              + count);
    }
  }

  private void check(Shape shape, int blockSize) {
    long columns = columns(shape);
    if (blockSize < 1 || columns % blockSize != 0) {
      throw new IllegalArgumentException(
          "blockSize must divide the " + columns + " columns of a row, got " + blockSize);
    }
  }

  private void checkShape(Shape shape) {
    boolean fits =
        !shape.hasUnknownDimension()
            && switch (this) {
              case ROWS, DENSE, INPUT_FIRST -> shape.numDimensions() >= 2;
              case CONVOLUTION -> shape.numDimensions() >= 3;
            };
    if (!fits) {
      String wanted =
          switch (this) {
            case ROWS -> "[out, ..] of rank 2 or more";
            case DENSE -> "[.., in, out] of rank 2 or more";
            case CONVOLUTION -> "[.., in, out] of rank 3 or more";
            case INPUT_FIRST -> "[in, out, ..] of rank 2 or more";
          };
      throw new IllegalArgumentException(
          "weight must have shape " + wanted + " for layout " + this + ", got " + shape);
    }
    if (shape.size() == 0) {
      throw new IllegalArgumentException("weight must not be empty, got shape " + shape);
    }
    if (shape.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("weight must have below 2^31 numbers, got " + shape);
    }
  }
}
