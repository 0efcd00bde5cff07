/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Map;

/** Hears how far a job of several stages is. Called on the thread that works. */
public interface ProgressListener {
  /**
   * What is trained with is settled: what was not chosen fits what was, and the images.
   *
   * @param options their values by their names on the command line
   * @param images which there are, in a few words
   */
  default void settled(Map<String, Object> options, String images) {}

  /**
   * A stage begins, and the one before is done.
   *
   * @param name what is done, in a few words
   * @param steps how many steps it has, 0 if it is one piece
   */
  default void stage(String name, int steps) {}

  /**
   * A step of the stage is done.
   *
   * @param step its number, from 1
   * @param figures how the job stands, in a few words
   */
  default void stepped(int step, String figures) {}

  /**
   * Something is wrong that the job goes on without, a log on a full disk say.
   *
   * @param message what it is
   */
  default void warned(String message) {}
}
