/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vqjava.monitoring.SnapshotLogReader;

/** A log that is read as it grows, whatever becomes of its file. For one thread. */
final class FollowedLog {
  private final Path file;
  private final SnapshotLogReader reader;
  private boolean damaged;

  /** Hears what is in the log, and what is wrong with it. */
  interface Listener extends SnapshotLogReader.Listener {
    /** Something is wrong with the log, or, if this is empty, no longer. */
    void trouble(String message);
  }

  FollowedLog(Path file) {
    this.file = file;
    this.reader = new SnapshotLogReader(file);
  }

  /** Reads what was added; false if another log took its place, which is to be read anew. */
  boolean poll(Listener listener) {
    if (damaged) {
      return true;
    }
    try {
      if (!Files.exists(file)) {
        listener.trouble("the log was deleted; what was read of it stays here");
      } else {
        reader.poll(listener);
        listener.trouble("");
      }
    } catch (RuntimeException e) { // of a damaged record; another must not end the follower either
      damaged = true;
      listener.trouble("the log is damaged after what is shown");
    } catch (IOException e) {
      if (Files.exists(file) && isShorter()) {
        return false;
      }
      listener.trouble("the log cannot be read now");
    }
    return true;
  }

  private boolean isShorter() {
    try {
      return Files.size(file) < reader.position();
    } catch (IOException e) {
      return false;
    }
  }
}
