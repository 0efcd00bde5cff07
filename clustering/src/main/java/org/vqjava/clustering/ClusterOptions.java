/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Objects;
import org.tensorflow.ndarray.Shape;

/**
 * How a weight is clustered.
 *
 * <pre>{@code
 * ClusterOptions.ofClusters(16).withPreserveSparsity(true)
 * }</pre>
 *
 * @param clusters k, how many different values the weight, or each of its channels, may have
 * @param initializer where the centroids begin
 * @param aggregation of the centroids' gradients
 * @param preserveSparsity whether weights that are 0 stay exactly 0
 * @param perChannel whether each channel, on the last axis, has centroids of its own
 * @param association whether weights may change their cluster
 */
public record ClusterOptions(
    int clusters,
    CentroidInitializer initializer,
    GradientAggregation aggregation,
    boolean preserveSparsity,
    boolean perChannel,
    Association association) {

  /** Which cluster a weight is in while the network is trained. */
  public enum Association {
    /** That of the nearest centroid, at each run. */
    UPDATED,
    /**
     * The one it began in. The original weight is not trained then; the behaviour before the change
     * that brought training with updated indices.
     */
    FROZEN
  }

  /**
   * Checks what can be checked without a weight.
   *
   * @param clusters k; checked where a weight is clustered, which names it
   * @param initializer where the centroids begin
   * @param aggregation of the centroids' gradients
   * @param preserveSparsity whether weights that are 0 stay exactly 0
   * @param perChannel whether each channel has centroids of its own
   * @param association whether weights may change their cluster
   */
  public ClusterOptions {
    Objects.requireNonNull(initializer, "initializer");
    Objects.requireNonNull(aggregation, "aggregation");
    Objects.requireNonNull(association, "association");
  }

  /**
   * k clusters, begun by k-means, gradients averaged, indices updated at each run. The defaults are
   * those that trained best on the digits with Adam, see the guide.
   *
   * @param k how many clusters, at least 2
   * @return the options
   */
  public static ClusterOptions ofClusters(int k) {
    return new ClusterOptions(
        k,
        CentroidInitializer.kMeansPlusPlus(1),
        GradientAggregation.AVG,
        false,
        false,
        Association.UPDATED);
  }

  /**
   * The same with another number of clusters.
   *
   * @param value k, at least 2, with sparsity preservation at least 3
   * @return new options
   */
  public ClusterOptions withClusters(int value) {
    return new ClusterOptions(
        value, initializer, aggregation, preserveSparsity, perChannel, association);
  }

  /**
   * The same with another start.
   *
   * @param value where the centroids begin
   * @return new options
   */
  public ClusterOptions withInitializer(CentroidInitializer value) {
    return new ClusterOptions(
        clusters, value, aggregation, preserveSparsity, perChannel, association);
  }

  /**
   * The same with another aggregation.
   *
   * @param value of the centroids' gradients
   * @return new options
   */
  public ClusterOptions withAggregation(GradientAggregation value) {
    return new ClusterOptions(
        clusters, initializer, value, preserveSparsity, perChannel, association);
  }

  /**
   * The same with or without sparsity preservation.
   *
   * <p>With it, one centroid is 0 for good, and so is every weight whose nearest centroid it was in
   * the beginning: those that were 0, and small ones. Others may become 0 and leave it again.
   *
   * @param value whether weights that are 0 stay exactly 0
   * @return new options
   */
  public ClusterOptions withPreserveSparsity(boolean value) {
    return new ClusterOptions(clusters, initializer, aggregation, value, perChannel, association);
  }

  /**
   * The same with centroids for each channel, or common ones.
   *
   * @param value whether each channel, on the last axis, has k centroids of its own
   * @return new options
   */
  public ClusterOptions withPerChannel(boolean value) {
    return new ClusterOptions(
        clusters, initializer, aggregation, preserveSparsity, value, association);
  }

  /**
   * The same with another association.
   *
   * @param value whether weights may change their cluster
   * @return new options
   */
  public ClusterOptions withAssociation(Association value) {
    return new ClusterOptions(
        clusters, initializer, aggregation, preserveSparsity, perChannel, value);
  }

  /**
   * Whether a weight of a shape, or each channel of it, has more weights than there are clusters.
   *
   * @param shape known, of rank 2 or more if clustered per channel
   * @return whether clustering it makes sense
   * @throws IllegalArgumentException if the shape is not as said
   */
  public boolean hasEnoughWeights(Shape shape) {
    if (shape.hasUnknownDimension()) {
      throw new IllegalArgumentException("shape must be known, got " + shape);
    }
    return weightsPerCodebook(shape) > clusters;
  }

  long weightsPerCodebook(Shape shape) {
    return perChannel ? shape.size() / Math.max(1, channels(shape)) : shape.size();
  }

  /** How many sets of centroids a weight has. */
  int channels(Shape shape) {
    return perChannel
        ? Math.toIntExact(shape.get(DataFormat.CHANNELS_LAST.axis(shape.numDimensions())))
        : 1;
  }
}
