/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Product quantization: a weight is cut into blocks of a few numbers, and each block is replaced by
 * the nearest of k centroids, which the EM algorithm finds.
 *
 * <ul>
 *   <li>{@link org.vqjava.clustering.pq.ProductQuantizer}: a weight to centroids and assignments.
 *   <li>{@link org.vqjava.clustering.pq.QuantizedWeight}: these, and back to a weight.
 *   <li>{@link org.vqjava.clustering.pq.QuantizedVariable}: the same in a graph, where the
 *       centroids are trained.
 *   <li>{@link org.vqjava.clustering.pq.EM}: the algorithm.
 *   <li>{@link org.vqjava.clustering.pq.QuantizationPlan}: which layers in which stage, with which
 *       block sizes.
 *   <li>{@link org.vqjava.clustering.pq.SizeTracker}: what it saves.
 * </ul>
 *
 * @see <a href="https://arxiv.org/abs/2004.07320">Stock, Fan, Graham, Grave, Gribonval, Jegou,
 *     Joulin: Training with Quantization Noise for Extreme Model Compression, 2020</a>, whose
 *     implementation in fairseq this follows
 */
@NullMarked
package org.vqjava.clustering.pq;

import org.jspecify.annotations.NullMarked;
