/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Map;
import org.vqjava.monitoring.Snapshot;

/** Hears how far a training is. Called on the thread that trains. */
public interface TrainingListener {
  /**
   * What is trained with is settled: what was not chosen fits what was, and the images.
   *
   * @param options their values by their names on the command line
   * @param images which there are, in a few words
   */
  default void settled(Map<String, Object> options, String images) {}

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
   * A window of steps was recorded.
   *
   * @param snapshot of the codebook, or of a split of it
   */
  default void snapshot(Snapshot snapshot) {}

  /**
   * Something is wrong that the training goes on without, a log on a full disk say.
   *
   * @param message what it is
   */
  default void warned(String message) {}

  /**
   * Something that takes a moment begins after the training.
   *
   * @param what in a few words
   */
  default void finishing(String what) {}
}
