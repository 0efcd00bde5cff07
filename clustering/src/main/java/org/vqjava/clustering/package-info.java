/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Weights of few values. A weight tensor is replaced, wherever the network computes with it, by the
 * nearest of k centroids; centroids and original weight are trained together, and what is nearest
 * follows from both at each run.
 *
 * <ul>
 *   <li>{@link org.vqjava.clustering.ClusterWeights}: clusters a variable, or those of many that a
 *       {@link org.vqjava.clustering.ClusterPlan} selects.
 *   <li>{@link org.vqjava.clustering.ClusterOptions}: how many clusters, and how.
 *   <li>{@link org.vqjava.clustering.CentroidInitializer}: where the centroids begin.
 *   <li>{@link org.vqjava.clustering.ClusteringReport}: what it came to, as a table.
 *   <li>{@link org.vqjava.clustering.ClusteringAlgorithm}, {@link
 *       org.vqjava.clustering.ClusteringAlgorithmPerChannel}: the operations underneath.
 * </ul>
 *
 * @see <a href="https://github.com/tensorflow/model-optimization/pull/519">the change of
 *     tensorflow-model-optimization whose semantics these are</a>
 */
@NullMarked
package org.vqjava.clustering;

import org.jspecify.annotations.NullMarked;
