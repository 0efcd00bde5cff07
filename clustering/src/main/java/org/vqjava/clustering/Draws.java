/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Random;

/** Random numbers, one after the other. */
@FunctionalInterface
public interface Draws {
  /**
   * The next number.
   *
   * @return uniform in [0, 1)
   */
  double next();

  /**
   * Numbers that a seed determines.
   *
   * @param seed same seed, same numbers
   * @return draws from the beginning
   */
  static Draws seeded(long seed) {
    return new Random(seed)::nextDouble;
  }
}
