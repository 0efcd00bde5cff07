/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

/** How a node of a kind becomes nodes of the flat graph. */
@FunctionalInterface
interface Lowering {
  /**
   * Adds what stands for the node.
   *
   * @return its outputs
   */
  Value[] lower(Site site);
}
