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
  /** A dense kernel {@code [in, out]}, as TensorFlow stores it. */
  DENSE,
  /**
   * A convolution kernel {@code [height, width, in, out]}, as TensorFlow stores it; columns run
   * over in, then height, then width, so that a block of height · width numbers is a filter of one
   * input channel.
   */
  CONVOLUTION;

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
      case DENSE -> column * out + row;
      case CONVOLUTION -> {
        int height = Math.toIntExact(shape.get(0));
        int width = Math.toIntExact(shape.get(1));
        int in = Math.toIntExact(shape.get(2));
        int x = column % width;
        int y = column / width % height;
        int channel = column / (width * height);
        yield ((y * width + x) * in + channel) * out + row;
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
      case DENSE -> tf.linalg.transpose(rows, tf.constant(new int[] {1, 0}));
      case CONVOLUTION ->
          tf.linalg.transpose(
              tf.reshape(
                  rows, tf.constant(new long[] {out, shape.get(2), shape.get(0), shape.get(1)})),
              tf.constant(new int[] {2, 3, 1, 0}));
    };
  }

  private int out(Shape shape) {
    return Math.toIntExact(this == ROWS ? shape.get(0) : shape.get(shape.numDimensions() - 1));
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
    boolean fits =
        !shape.hasUnknownDimension()
            && switch (this) {
              case ROWS -> shape.numDimensions() >= 2;
              case DENSE -> shape.numDimensions() == 2;
              case CONVOLUTION -> shape.numDimensions() == 4;
            };
    if (!fits) {
      String wanted =
          switch (this) {
            case ROWS -> "[out, ..] of rank 2 or more";
            case DENSE -> "[in, out]";
            case CONVOLUTION -> "[height, width, in, out]";
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
    long columns = shape.size() / out(shape);
    if (blockSize < 1 || columns % blockSize != 0) {
      throw new IllegalArgumentException(
          "blockSize must divide the " + columns + " columns of a row, got " + blockSize);
    }
  }
}
