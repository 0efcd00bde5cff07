/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * A run, read from its log if it has one. {@link #poll} and {@link #forget} are of one thread,
 * {@link #survey} of one.
 */
final class Run {
  private static final int PATIENCE_SECONDS = 20;

  private final String id;
  private final @Nullable Path log;
  private final Clock clock;
  private volatile RunStore store;
  private volatile long lastAsked;
  private volatile boolean read;
  private @Nullable FollowedLog followed;
  private volatile RunHealth surveyed;
  private volatile boolean surveyedOnce;
  private @Nullable FollowedLog surveyedLog;

  private Run(String id, @Nullable Path log, Clock clock) {
    this.id = id;
    this.log = log;
    this.clock = clock;
    this.read = log == null;
    this.store = new RunStore(clock);
    this.surveyed = new RunHealth(clock);
  }

  static Run ofLog(String id, Path log, Clock clock) {
    return new Run(id, log, clock);
  }

  static Run ofThisProcess(String id, Clock clock) {
    return new Run(id, null, clock);
  }

  String id() {
    return id;
  }

  RunStore store() {
    return store;
  }

  void ask() {
    lastAsked = System.nanoTime();
  }

  boolean isAskedFor() {
    return lastAsked != 0 && log != null;
  }

  long lastAsked() {
    return lastAsked;
  }

  /** Whether the log was read up to its end once. */
  boolean isRead() {
    return read;
  }

  /** Waits until the log was read once, a while. */
  void awaitRead() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!read && System.nanoTime() < end) {
      Thread.sleep(10);
    }
  }

  void poll() {
    Path file = log;
    if (file == null) {
      return;
    }
    FollowedLog follows = followed == null ? new FollowedLog(file) : followed;
    followed = follows;
    if (!follows.poll(store)) {
      forget(); // replaced by another run: from its start
    }
    read = true;
  }

  /** Makes room; whoever asks again has it read again. */
  void forget() {
    if (followed != null) {
      followed = null;
      read = false;
      store = new RunStore(clock);
    }
  }

  /** Reads how the run fares, and keeps nothing else of it. */
  void survey() {
    Path file = log;
    if (file != null && !(isAskedFor() && read)) {
      FollowedLog surveys = surveyedLog == null ? new FollowedLog(file) : surveyedLog;
      surveyedLog = surveys;
      if (!surveys.poll(surveyed)) {
        surveyedLog = null;
        surveyed = new RunHealth(clock);
      }
    }
    surveyedOnce = true;
  }

  boolean isHealthKnown() {
    return read || surveyedOnce;
  }

  RunHealth health() {
    return read ? store.health() : surveyed;
  }
}
