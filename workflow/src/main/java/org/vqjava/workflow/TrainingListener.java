/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

/** Hears how far a training is. Called on the thread that trains. */
public interface TrainingListener {
  /**
   * Training begins.
   *
   * @param steps how many steps there will be
   */
  default void started(int steps) {}

  /**
   * A step is done.
   *
   * @param progress how the training stands
   */
  default void stepped(TrainingProgress progress) {}

  /**
   * Something that takes a moment begins after the training.
   *
   * @param what in a few words
   */
  default void finishing(String what) {}
}
