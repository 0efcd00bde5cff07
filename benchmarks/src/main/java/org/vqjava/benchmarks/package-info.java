/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How long look-ups, training steps and clustering take, beside a matrix multiplication and beside
 * other ways to compute the same.
 *
 * <p>Figures are processor time at one thread, the median of rounds in each of which every way has
 * its turn, in another order: wall time changes when something else runs, and whatever runs first
 * after another library's threads is at a disadvantage.
 */
@NullMarked
package org.vqjava.benchmarks;

import org.jspecify.annotations.NullMarked;
