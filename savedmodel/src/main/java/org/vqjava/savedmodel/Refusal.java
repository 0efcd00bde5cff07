/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

/** Ends the lowering of one node; the inliner turns it into an {@link Obstacle}. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String reason;
  private final String remedy;

  Refusal(String reason, String remedy) {
    super(reason, null, false, false);
    this.reason = reason;
    this.remedy = remedy;
  }

  Obstacle at(String operation, String place) {
    return new Obstacle(operation, place, reason, remedy);
  }
}
