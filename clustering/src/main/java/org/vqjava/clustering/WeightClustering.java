/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * Which centroid each weight is drawn to, and the weight that this makes.
 *
 * @param <T> float32 or float64
 */
public sealed interface WeightClustering<T extends TFloating>
    permits ClusteringAlgorithm, ClusteringAlgorithmPerChannel {

  /**
   * The nearest centroid of each weight, {@code argmin_j |w − c_j|}. Ties go to the lowest index;
   * the centroids need not be sorted, nor differ.
   *
   * <p>No gradient. Cost: O(weights · log k) time, 8 bytes a weight.
   *
   * @param tf builds the ops, under its name if it has one
   * @param weight the weight
   * @return the indices, in the shape of the weight
   * @throws IllegalArgumentException if the weight does not fit the centroids
   */
  Operand<TInt32> pullingIndices(Ops tf, Operand<T> weight);

  /**
   * The centroid of each index: forwards exactly {@code c[indices]}.
   *
   * <p>Gradient, with g that of the result: to the weight g unchanged (straight-through); to a
   * centroid the sum of g over its members, or their mean, as the aggregation has it. Cost:
   * O(weights).
   *
   * @param tf builds the ops, under its name if it has one
   * @param pullingIndices which centroid each weight takes, in the shape of the weight
   * @param weight gets the gradient
   * @return the clustered weight, in the shape of the weight
   * @throws IllegalArgumentException if shapes do not fit
   */
  Operand<T> clusteredWeight(Ops tf, Operand<TInt32> pullingIndices, Operand<T> weight);
}
