/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.SplittableRandom;

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
   * Numbers that a seed determines. (The first number of java.util.Random is nearly the same for
   * all small seeds.)
   *
   * @param seed same seed, same numbers
   * @return draws from the beginning
   */
  static Draws seeded(long seed) {
    return new SplittableRandom(seed)::nextDouble;
  }
}
