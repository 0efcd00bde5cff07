/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.List;

/**
 * What the EM algorithm found.
 *
 * @param centroids {@code [k, width]}, row-major
 * @param assignments which centroid each block takes, {@code [n]}
 * @param steps what each step came to
 */
@SuppressWarnings("ArrayRecordComponent") // large; handed over, never compared
public record EmResult(float[] centroids, int[] assignments, List<EmStep> steps) {
  /**
   * Copies the list, and takes the arrays as they are.
   *
   * @param centroids {@code [k, width]}, row-major
   * @param assignments which centroid each block takes
   * @param steps what each step came to
   */
  public EmResult {
    steps = List.copyOf(steps);
  }
}
