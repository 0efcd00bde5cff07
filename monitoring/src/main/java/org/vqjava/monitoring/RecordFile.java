/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * A file of whole records, appended from any thread.
 *
 * <p>After a failure some of the buffer may be in the file and some not, so nothing may follow: the
 * file ends there, perhaps with a record cut short, and further records are refused.
 */
final class RecordFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final Object lock = new Object(); // held wherever one of the following is used
  private final OutputStream sink;
  private final OutputStream buffer;
  private boolean failed;
  private boolean closed;

  /** Writes to {@code sink}; {@code path} is what messages call it. */
  RecordFile(Path path, OutputStream sink) {
    this.path = path;
    this.sink = sink;
    this.buffer = new BufferedOutputStream(sink, BUFFER_BYTES);
  }

  /** An empty file of a name that was free. */
  static RecordFile create(Path directory, Instant start) {
    try {
      if (!Files.isDirectory(directory)) { // older JDKs refuse to create what is a link to one
        Files.createDirectories(directory);
      }
      return createIn(directory, start);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot create an event file in "
              + directory
              + " ("
              + e
              + "); name a directory that can be written",
          e);
    }
  }

  private static RecordFile createIn(Path directory, Instant start) throws IOException {
    int number = 0;
    while (true) {
      Path path = EventFileNames.path(directory, start, number);
      try {
        // Unlike that of a FileChannel, the stream does not close when its thread is interrupted.
        return new RecordFile(
            path,
            Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
      } catch (FileAlreadyExistsException e) {
        number++; // of another writer of this process in the same second
      }
    }
  }

  Path path() {
    return path;
  }

  void append(byte[] data) {
    byte[] record = TfRecords.frame(data);
    locked(() -> buffer.write(record));
  }

  /** Hands all records to the operating system. */
  void flush() {
    locked(buffer::flush);
  }

  /** Flushes, unless a record failed, and closes; does nothing the second time. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      try (sink) {
        if (!failed) {
          buffer.flush();
        }
      } catch (IOException e) {
        throw cannotWrite(e);
      }
    }
  }

  private void locked(IoAction action) {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("writer must be open, was closed: " + path);
      }
      if (failed) {
        throw cannotWrite(new IOException("an earlier value could not be written"));
      }
      try {
        action.run();
      } catch (IOException e) {
        failed = true;
        throw cannotWrite(e);
      }
    }
  }

  private UncheckedIOException cannotWrite(IOException cause) {
    return new UncheckedIOException(
        "cannot write "
            + path
            + " ("
            + cause.getMessage()
            + "); see that there is space and open a new writer, here or in another directory",
        cause);
  }

  @FunctionalInterface
  private interface IoAction {
    void run() throws IOException;
  }
}
