/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Objects;
import org.tensorflow.ndarray.Shape;

/**
 * A weight as centroids and assignments.
 *
 * @param shape of the weight
 * @param layout how it is cut into blocks
 * @param blockSize numbers in a block
 * @param centroids {@code [k, blockSize]}, row-major
 * @param assignments which centroid each block takes, {@code [n]}
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record QuantizedWeight(
    Shape shape, BlockLayout layout, int blockSize, float[] centroids, Assignments assignments) {

  /**
   * Checks that all fits, and takes the arrays as they are.
   *
   * @param shape of the weight
   * @param layout how it is cut into blocks
   * @param blockSize numbers in a block, divides the columns
   * @param centroids {@code [k, blockSize]}
   * @param assignments one for each block
   * @throws IllegalArgumentException if the parts do not fit each other
   */
  public QuantizedWeight {
    Objects.requireNonNull(centroids, "centroids");
    int blocks = layout.blocks(shape, blockSize);
    if (assignments.count() != blocks) {
      throw new IllegalArgumentException(
          "assignments must be of each of the " + blocks + " blocks, got " + assignments.count());
    }
    if (centroids.length != (long) assignments.centroids() * blockSize) {
      throw new IllegalArgumentException(
          "centroids must have "
              + assignments.centroids()
              + " x "
              + blockSize
              + " numbers, got "
              + centroids.length);
    }
  }

  /**
   * The weight that this stands for: each block its centroid.
   *
   * @return its values, row-major
   */
  public float[] decode() {
    float[] blocks = new float[assignments.count() * blockSize];
    for (int i = 0; i < assignments.count(); i++) {
      System.arraycopy(centroids, assignments.get(i) * blockSize, blocks, i * blockSize, blockSize);
    }
    return layout.toWeight(blocks, shape, blockSize);
  }

  /**
   * The same assignments with other centroids, after training say.
   *
   * @param values {@code [k, blockSize]}
   * @return a new weight
   * @throws IllegalArgumentException if they are not as many
   */
  public QuantizedWeight withCentroids(float[] values) {
    return new QuantizedWeight(shape, layout, blockSize, values, assignments);
  }

  /**
   * How far it is from a weight.
   *
   * @param weight the original values, row-major
   * @return the norm of the difference, divided by the norm of the weight; 0 if both are 0
   * @throws IllegalArgumentException if the weight has another size
   */
  public double relativeError(float[] weight) {
    float[] decoded = decode();
    if (weight.length != decoded.length) {
      throw new IllegalArgumentException(
          "weight must have the "
              + decoded.length
              + " numbers of "
              + shape
              + ", got "
              + weight.length);
    }
    double squares = 0;
    double norm = 0;
    for (int i = 0; i < decoded.length; i++) {
      double difference = decoded[i] - weight[i];
      squares += difference * difference;
      norm += (double) weight[i] * weight[i];
    }
    return squares == 0 ? 0 : Math.sqrt(squares / norm);
  }
}
