/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

/**
 * What a step of the EM algorithm came to.
 *
 * @param iteration its number, from 1
 * @param objective the norm of the difference between the blocks and their centroids, of the new
 *     centroids and the assignments before them; NaN if the run was given up without means
 * @param splits how many clusters were split to fill empty ones
 * @param empty how many clusters stayed empty
 * @param gaveUp whether the splits were not enough
 */
public record EmStep(int iteration, double objective, int splits, int empty, boolean gaveUp) {}
