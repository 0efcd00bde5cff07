/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.NearestScalar;
import org.vqjava.ops.Scopes;

/**
 * Clusters each channel of a weight by centroids of its own. The weight has a known rank, at least
 * 2, and its channels are on axis 1 or the last one, as the format has it.
 *
 * @param <T> float32 or float64
 */
public final class ClusteringAlgorithmPerChannel<T extends TFloating>
    implements WeightClustering<T> {
  private final Operand<T> centroids;
  private final GradientAggregation aggregation;
  private final DataFormat format;

  /**
   * An algorithm with centroids for each channel.
   *
   * @param centroids {@code [C, k]}, both known and at least 1
   * @param aggregation of their gradients
   * @param format which axis of a weight has the C channels
   * @throws IllegalArgumentException if the centroids have another shape
   */
  public ClusteringAlgorithmPerChannel(
      Operand<T> centroids, GradientAggregation aggregation, DataFormat format) {
    this.aggregation = Objects.requireNonNull(aggregation, "aggregation");
    this.format = Objects.requireNonNull(format, "format");
    this.centroids = Objects.requireNonNull(centroids, "centroids");
    Shape shape = centroids.shape();
    if (shape.isUnknown() || shape.numDimensions() != 2 || shape.get(0) < 1 || shape.get(1) < 1) {
      throw new IllegalArgumentException(
          "centroids must have shape [C, k] with known sizes, at least 1, got " + shape);
    }
  }

  @Override
  public Operand<TInt32> pullingIndices(Ops tf, Operand<T> weight) {
    return NearestScalar.indicesPerChannel(tf, weight, centroids, axis(weight));
  }

  @Override
  public Operand<T> clusteredWeight(Ops tf, Operand<TInt32> pullingIndices, Operand<T> weight) {
    Ops scoped = Scopes.of(tf, "ClusteredWeight");
    Operand<TInt32> rows =
        scoped.math.add(pullingIndices, firstOfChannel(scoped, weight.shape(), axis(weight)));
    Operand<T> flat = scoped.reshape(centroids, scoped.constant(new int[] {-1}));
    return new ClusteringAlgorithm<>(flat, aggregation).clusteredWeight(scoped, rows, weight);
  }

  /** Where the centroids of a channel begin among all, in a shape that repeats over the weight. */
  private Operand<TInt32> firstOfChannel(Ops tf, Shape weight, int axis) {
    int channels = Math.toIntExact(centroids.shape().get(0));
    int size = Math.toIntExact(centroids.shape().get(1));
    int[] firsts = new int[channels];
    Arrays.setAll(firsts, c -> c * size);
    int[] shape = new int[weight.numDimensions()];
    Arrays.fill(shape, 1);
    shape[axis] = channels;
    return tf.reshape(tf.constant(firsts), tf.constant(shape));
  }

  private int axis(Operand<T> weight) {
    if (weight.shape().isUnknown()) {
      throw new IllegalArgumentException("weight must have a known rank, got an unknown shape");
    }
    return format.axis(weight.shape().numDimensions());
  }
}
