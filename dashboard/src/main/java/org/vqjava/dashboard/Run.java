/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.vqjava.monitoring.SnapshotLogReader;

/** A run, read from its log if it has one. {@link #poll} and {@link #forget} are of one thread. */
final class Run {
  private static final int PATIENCE_SECONDS = 20;

  private final String id;
  private final @Nullable Path log;
  private volatile RunStore store = new RunStore();
  private volatile long lastAsked;
  private volatile boolean read;
  private @Nullable SnapshotLogReader reader;
  private boolean damaged;

  private Run(String id, @Nullable Path log) {
    this.id = id;
    this.log = log;
    this.read = log == null;
  }

  static Run ofLog(String id, Path log) {
    return new Run(id, log);
  }

  static Run ofThisProcess(String id) {
    return new Run(id, null);
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
    if (file == null || damaged) {
      return;
    }
    SnapshotLogReader follows = reader == null ? new SnapshotLogReader(file) : reader;
    reader = follows;
    try {
      if (!Files.exists(file)) {
        store.trouble("the log was deleted; what was read of it stays here");
      } else {
        follows.poll(store);
        store.trouble("");
      }
    } catch (RuntimeException e) { // of a damaged record; another must not end the follower either
      damaged = true;
      store.trouble("the log is damaged after what is shown");
    } catch (IOException e) {
      if (Files.exists(file) && isShorter(file, follows)) {
        forget(); // replaced by another run: from its start
      } else {
        store.trouble("the log cannot be read now");
      }
    }
    read = true;
  }

  private static boolean isShorter(Path file, SnapshotLogReader reader) {
    try {
      return Files.size(file) < reader.position();
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes room; whoever asks again has it read again. */
  void forget() {
    if (reader != null) {
      reader = null;
      read = false;
      store = new RunStore();
      damaged = false;
    }
  }
}
