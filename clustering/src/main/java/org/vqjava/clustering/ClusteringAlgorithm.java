/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.GradientAveraging;
import org.vqjava.ops.NearestScalar;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.StraightThrough;

/**
 * Clusters a weight of any shape by common centroids.
 *
 * <pre>{@code
 * var algorithm = new ClusteringAlgorithm<>(centroids, GradientAggregation.SUM);
 * Operand<TInt32> indices = algorithm.pullingIndices(tf, kernel);
 * Operand<TFloat32> clustered = algorithm.clusteredWeight(tf, indices, kernel);
 * }</pre>
 *
 * @param <T> float32 or float64
 * @see <a href="https://github.com/tensorflow/model-optimization/pull/519">its source</a>: the same
 *     values and gradients, but for the factor {@code sign(w + 10⁶)} of the original, which turns
 *     weights below −10⁶
 */
public final class ClusteringAlgorithm<T extends TFloating> implements WeightClustering<T> {
  private final Operand<T> centroids;
  private final GradientAggregation aggregation;

  /**
   * An algorithm with centroids.
   *
   * @param centroids {@code [k]}, k known and at least 1
   * @param aggregation of their gradients
   * @throws IllegalArgumentException if the centroids have another shape
   */
  public ClusteringAlgorithm(Operand<T> centroids, GradientAggregation aggregation) {
    this.aggregation = Objects.requireNonNull(aggregation, "aggregation");
    this.centroids = Objects.requireNonNull(centroids, "centroids");
    Shape shape = centroids.shape();
    if (shape.isUnknown() || shape.numDimensions() != 1 || shape.get(0) < 1) {
      throw new IllegalArgumentException(
          "centroids must have shape [k] with known k, at least 1, got " + shape);
    }
  }

  @Override
  public Operand<TInt32> pullingIndices(Ops tf, Operand<T> weight) {
    return NearestScalar.indices(tf, weight, centroids);
  }

  @Override
  public Operand<T> clusteredWeight(Ops tf, Operand<TInt32> pullingIndices, Operand<T> weight) {
    Ops scoped = Scopes.of(tf, "ClusteredWeight");
    Operand<T> shared =
        aggregation == GradientAggregation.AVG
            ? GradientAveraging.byMembers(scoped, centroids, pullingIndices)
            : centroids;
    return StraightThrough.toBoth(
        scoped, scoped.gather(shared, pullingIndices, scoped.constant(0)), weight);
  }
}
