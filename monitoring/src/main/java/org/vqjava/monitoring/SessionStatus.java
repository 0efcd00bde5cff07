/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

/**
 * How a training run ended, as TensorBoard's HParams page shows it.
 *
 * @see EventFileWriter#sessionEnd
 */
public enum SessionStatus {
  /** The run came to its end. */
  SUCCESS(1),
  /** The run was broken off. */
  FAILURE(2);

  private final int number;

  SessionStatus(int number) {
    this.number = number;
  }

  /** The number of the constant in {@code tensorboard.hparams.Status}. */
  int number() {
    return number;
  }
}
