/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.concurrent.CancellationException;

/**
 * What is asked between the parts of long work, so that Ctrl-C ends it before anything is written.
 */
final class Interruption {
  private Interruption() {}

  static void check(String stage) throws InterruptedException {
    if (Thread.interrupted()) {
      throw in(stage);
    }
  }

  static InterruptedException in(String stage) {
    return new InterruptedException("stopped in " + stage + "; nothing is saved");
  }

  /** Where no checked exception may be thrown; whoever calls that catches it. */
  static void checkInListener() {
    if (Thread.interrupted()) {
      throw new CancellationException();
    }
  }
}
