/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.vqjava.formats.DeflatedSnapshot;
import org.vqjava.formats.LogRecord;
import org.vqjava.formats.RunEnd;
import org.vqjava.formats.RunHeader;

/**
 * Appends snapshots to a file. Thread-safe.
 *
 * <p>Each record is handed to the operating system whole, with its length and checksum: a writer
 * that is killed leaves at worst a record cut short at the end, which {@link SnapshotLogReader}
 * ignores and the next writer removes. A power failure may cost the last records.
 *
 * <p>Counts are stored for the codes that were taken only, and everything is deflated: of 16,384
 * codes a snapshot takes 10 to 20 kB, and a view of the codebook its own size.
 *
 * <pre>{@code
 * try (SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info)) {
 *   log.accept(snapshot);
 *   log.ended(RunOutcome.finished());
 * }
 * }</pre>
 */
public final class SnapshotLog implements SnapshotSink {
  /** What the log of a run is called in its directory. */
  public static final String FILE = "snapshots.vql";

  private final Path file;
  private final OutputStream out;
  private final Clock clock;
  private final Object lock = new Object(); // held wherever one of the following is used
  private boolean ended;
  private boolean failed;
  private boolean closed;

  private SnapshotLog(Path file, OutputStream out, Clock clock) {
    this.file = file;
    this.out = out;
    this.clock = clock;
  }

  /**
   * Creates a log, or goes on with one; what a killed writer left of a record is removed.
   *
   * @param file the log
   * @param info what is run
   * @return the log, with a header
   * @throws IllegalArgumentException if there is a file that is no log, or a damaged one
   * @throws UncheckedIOException if it cannot be written
   */
  public static SnapshotLog open(Path file, RunInfo info) {
    return open(file, info, Clock.systemUTC());
  }

  /**
   * The same with a clock.
   *
   * @param file the log
   * @param info what is run
   * @param clock tells when the run ended
   * @return the log, with a header
   * @throws IllegalArgumentException if there is a file that is no log, or a damaged one
   * @throws UncheckedIOException if it cannot be written
   */
  public static SnapshotLog open(Path file, RunInfo info, Clock clock) {
    try {
      boolean goesOn = SnapshotLogReader.isThere(file) && cut(file);
      // Unlike that of a FileChannel, the stream does not close when its thread is interrupted.
      OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      SnapshotLog log = new SnapshotLog(file, out, clock);
      try {
        log.begin(goesOn, info);
      } catch (RuntimeException e) {
        log.close();
        throw e;
      }
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write " + file + " (" + e + "); name a directory that can be written", e);
    }
  }

  /** Cuts the file where it is no longer whole, and tells whether something is left. */
  private static boolean cut(Path file) throws IOException {
    SnapshotLogReader reader = new SnapshotLogReader(file);
    reader.poll(new SnapshotLogReader.Listener() {});
    try (RandomAccessFile whole = new RandomAccessFile(file.toFile(), "rw")) {
      whole.setLength(reader.position());
    }
    return reader.position() > 0;
  }

  private void begin(boolean goesOn, RunInfo info) {
    if (!goesOn) {
      write(LogFormat.header());
    }
    append(
        LogRecord.newBuilder()
            .setHeader(
                RunHeader.newBuilder()
                    .setName(info.name())
                    .setTimeMillis(info.started().toEpochMilli())
                    .putAllOptions(info.options())));
  }

  /**
   * Where it is.
   *
   * @return the file
   */
  public Path file() {
    return file;
  }

  /**
   * Appends a snapshot.
   *
   * @param snapshot of one codebook
   * @throws IllegalArgumentException if it takes more than 256 MB
   * @throws UncheckedIOException if it cannot be written, a full disk say, or the file was deleted;
   *     the log then ends before this snapshot and takes no more
   * @throws IllegalStateException if the log is closed
   */
  @Override
  public void accept(Snapshot snapshot) {
    synchronized (lock) {
      ended = false;
    }
    byte[] message = SnapshotMessages.message(snapshot).toByteArray();
    if (message.length > LogFormat.MOST_BYTES) {
      throw new IllegalArgumentException(
          "snapshot must take at most " + LogFormat.MOST_BYTES + " bytes, got " + message.length);
    }
    append(
        LogRecord.newBuilder()
            .setSnapshot(
                DeflatedSnapshot.newBuilder()
                    .setLength(message.length)
                    .setMessage(UnsafeByteOperations.unsafeWrap(deflated(message)))));
  }

  /**
   * Notes how the run ended. Without it, or {@link #close}, a reader takes the run to go on, or to
   * have been killed.
   *
   * @param outcome of the run
   * @throws UncheckedIOException if it cannot be written
   * @throws IllegalStateException if the log is closed
   */
  @Override
  public void ended(RunOutcome outcome) {
    append(
        LogRecord.newBuilder()
            .setEnd(
                RunEnd.newBuilder()
                    .setSuccess(outcome.kind() == RunOutcome.Kind.FINISHED)
                    .setStopped(outcome.kind() == RunOutcome.Kind.STOPPED)
                    .setReason(outcome.reason())
                    .setTimeMillis(clock.millis())));
    synchronized (lock) {
      ended = true;
    }
  }

  /**
   * Closes the file; does nothing the second time. A log whose {@linkplain #ended end} was not told
   * says that the run failed: something threw in between, most likely.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        noteAnUntoldEnd();
        closed = true;
        try {
          out.close();
        } catch (IOException e) {
          throw cannotWrite(e);
        }
      }
    }
  }

  private void noteAnUntoldEnd() {
    if (ended || failed) {
      return;
    }
    try {
      ended(RunOutcome.untold());
    } catch (UncheckedIOException e) {
      // The log stays that of a run without an end, which it is.
    }
  }

  private void append(LogRecord.Builder record) {
    write(LogFormat.frame(record.build().toByteArray()));
  }

  private void write(byte[] bytes) {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("log must be open, was closed: " + file);
      }
      if (failed) {
        throw cannotWrite(new IOException("an earlier record could not be written"));
      }
      try {
        if (!Files.exists(file)) {
          throw new IOException("it was deleted or moved while it was written");
        }
        out.write(bytes);
      } catch (IOException e) {
        failed = true;
        throw cannotWrite(e);
      }
    }
  }

  private UncheckedIOException cannotWrite(IOException cause) {
    return new UncheckedIOException(
        "cannot write "
            + file
            + " ("
            + cause.getMessage()
            + "); what it has stays readable, see that there is space",
        cause);
  }

  private static byte[] deflated(byte[] message) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.length / 2 + 64);
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      out.write(message);
    } catch (IOException e) {
      throw new IllegalStateException(e); // an array takes everything
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }
}
