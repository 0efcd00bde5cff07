/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into an interrupt of the thread that works, and lets it finish: the process ends
 * once the work is done.
 */
final class StopSignal {
  /** What a shell tells of a command that was stopped by Ctrl-C. */
  static final int EXIT_CODE = 130;

  private static final int PATIENCE_SECONDS = 60;

  private final CountDownLatch finished = new CountDownLatch(1);

  private StopSignal() {}

  static StopSignal toThisThread() {
    StopSignal signal = new StopSignal();
    Thread worker = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> signal.stop(worker), "stop"));
    return signal;
  }

  private void stop(Thread worker) {
    if (finished.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("vq: no end after " + PATIENCE_SECONDS + " s, stopped at once");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void workIsDone() {
    finished.countDown();
  }
}
