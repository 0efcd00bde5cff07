/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.SplittableRandom;

/** What the EM algorithm draws at random. */
public interface EmDraws {
  /**
   * The blocks that the centroids start from, with replacement.
   *
   * @param centroids how many
   * @param blocks how many blocks there are
   * @return numbers of blocks
   */
  int[] initial(int centroids, int blocks);

  /**
   * The empty cluster that is filled next.
   *
   * @param empty numbers of the empty clusters, ascending
   * @return one of them
   */
  int emptyCluster(int[] empty);

  /**
   * Standard normal numbers for a split.
   *
   * @param width how many
   * @return the numbers
   */
  double[] noise(int width);

  /**
   * Draws that a seed determines.
   *
   * @param seed same seed, same draws
   * @return draws from the beginning
   */
  static EmDraws seeded(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new EmDraws() {
      @Override
      public int[] initial(int centroids, int blocks) {
        return random.ints(centroids, 0, blocks).toArray();
      }

      @Override
      public int emptyCluster(int[] empty) {
        return empty[random.nextInt(empty.length)];
      }

      @Override
      public double[] noise(int width) {
        double[] noise = new double[width];
        for (int i = 0; i < width; i++) {
          noise[i] = random.nextGaussian();
        }
        return noise;
      }
    };
  }
}
