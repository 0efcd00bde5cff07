/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

/**
 * A way to compute something.
 *
 * @param name what it is called in the table
 * @param call computes it once
 */
record Contender(String name, Runnable call) {}
