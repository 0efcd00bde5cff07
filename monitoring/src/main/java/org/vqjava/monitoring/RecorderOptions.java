/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.time.Clock;
import java.util.Objects;

/**
 * When a recorder takes snapshots.
 *
 * <pre>{@code
 * RecorderOptions.every(100).withViewEvery(10)
 * }</pre>
 *
 * @param every how many observations of a codebook make a window
 * @param viewEvery every how many windows the codebook itself is looked at; 0 for as often as keeps
 *     its share at 40 kB a snapshot: always up to 10,000 numbers, every 105th window for 16,384
 *     codes of width 64
 * @param clock tells the time of a snapshot
 */
public record RecorderOptions(int every, int viewEvery, Clock clock) {
  private static final int VIEW_BYTES_A_SNAPSHOT = 40_000;

  /**
   * Checks the numbers.
   *
   * @param every at least 1
   * @param viewEvery at least 0
   * @param clock tells the time
   * @throws IllegalArgumentException if a number is out of range
   */
  public RecorderOptions {
    Check.atLeast("every", 1, every);
    Check.atLeast("viewEvery", 0, viewEvery);
    Objects.requireNonNull(clock, "clock");
  }

  /**
   * A snapshot of each so many observations, with the codebook as often as its size allows, by the
   * system's clock.
   *
   * @param every at least 1
   * @return the options
   * @throws IllegalArgumentException if it is below 1
   */
  public static RecorderOptions every(int every) {
    return new RecorderOptions(every, 0, Clock.systemUTC());
  }

  /**
   * The same with another number of windows from one view to the next.
   *
   * @param windows at least 1, or 0 for as many as the size demands
   * @return the options
   * @throws IllegalArgumentException if it is negative
   */
  public RecorderOptions withViewEvery(int windows) {
    return new RecorderOptions(every, windows, clock);
  }

  /**
   * The same with another clock.
   *
   * @param other tells the time of a snapshot
   * @return the options
   */
  public RecorderOptions withClock(Clock other) {
    return new RecorderOptions(every, viewEvery, other);
  }

  int viewEvery(int numbers) {
    if (viewEvery > 0) {
      return viewEvery;
    }
    long bytes = (long) numbers * Float.BYTES;
    return Math.toIntExact(
        Math.max(1, (bytes + VIEW_BYTES_A_SNAPSHOT - 1) / VIEW_BYTES_A_SNAPSHOT));
  }
}
