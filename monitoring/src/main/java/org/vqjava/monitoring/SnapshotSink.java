/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

/**
 * Takes snapshots to where people look. One method, so that a program adds its own:
 *
 * <pre>{@code
 * SnapshotSink print = s -> System.out.println(s.step() + " " + s.usage().summary().perplexity());
 * }</pre>
 */
@FunctionalInterface
public interface SnapshotSink extends AutoCloseable {
  /**
   * Takes a snapshot. Called by one thread at a time, on one that records: what takes long belongs
   * onto a thread of the sink's own. The arrays in the snapshot are everybody's and must not be
   * changed.
   *
   * @param snapshot of one codebook; those of a codebook come in the order of their steps
   * @throws RuntimeException if it cannot be taken; what happens then is the recorder's {@link
   *     Recorder.FailureHandler} to say
   */
  void accept(Snapshot snapshot);

  /**
   * Hears how the run ended, before it is closed; does nothing unless it is overridden. A sink that
   * is closed without it cannot take the run for one that went well.
   *
   * @param outcome of the run
   * @throws RuntimeException if it cannot be taken, as {@link #accept}
   */
  default void ended(RunOutcome outcome) {}

  /** Lets go of what it holds; does nothing unless it is overridden. */
  @Override
  default void close() {}
}
