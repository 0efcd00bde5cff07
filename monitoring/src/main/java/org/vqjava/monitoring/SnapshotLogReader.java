/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.vqjava.formats.DeflatedSnapshot;
import org.vqjava.formats.LogRecord;
import org.vqjava.formats.RunEnd;
import org.vqjava.formats.RunHeader;
import org.vqjava.formats.SnapshotMessage;

/**
 * Reads a snapshot log, also one that is still being written: each {@link #poll} reads what was
 * added. For one thread.
 *
 * <p>A record that was cut short is left for the next call, as the rest of it may be on its way; if
 * its writer was killed, it stays ignored and everything before it is kept. A file is checked
 * before it is believed: magic number, version, lengths, checksums, sizes and numbers; a record in
 * which something is wrong ends the reading for good.
 *
 * <p>Memory: one record, at most 256 MB, and K numbers for each codebook.
 *
 * <pre>{@code
 * SnapshotLogReader log = new SnapshotLogReader(Path.of("runs/digits-001/snapshots.vql"));
 * log.poll(new SnapshotLogReader.Listener() {
 *   @Override public void snapshot(Snapshot s) { System.out.println(s.usage()); }
 * });
 * }</pre>
 */
public final class SnapshotLogReader {
  private final Path file;
  private final Map<String, long[]> lastUsed = new HashMap<>();
  private final Map<String, Long> steps = new HashMap<>();
  private long position;

  /** Hears what is in a log, in its order. */
  public interface Listener {
    /**
     * A run begins, or goes on.
     *
     * @param info what is run
     */
    default void started(RunInfo info) {}

    /**
     * A snapshot. If its step is not above that of the one before of its codebook, the run went on
     * from an earlier step, and those from this step on count no more.
     *
     * @param snapshot of one codebook
     */
    default void snapshot(Snapshot snapshot) {}

    /**
     * A run came to an end.
     *
     * @param outcome how
     */
    default void ended(RunOutcome outcome) {}
  }

  /**
   * Begins at the start of a log.
   *
   * @param file a log; opened by each {@link #poll} only
   */
  public SnapshotLogReader(Path file) {
    this.file = file;
  }

  /**
   * Reads the whole records that follow.
   *
   * @param listener hears what is in them
   * @return how many there were; 0 if the file is shorter than a header, or nothing was added
   * @throws IllegalArgumentException if it is no log, of another version, or a record is damaged;
   *     {@code listener} has heard of everything before it
   * @throws IOException if it cannot be read, or is shorter than what was read of it before
   */
  public int poll(Listener listener) throws IOException {
    int records = 0;
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = in.length();
      if (length < position) {
        throw new IOException(
            file
                + " was replaced or cut: it has "
                + length
                + " bytes, of which "
                + position
                + " were read; open it anew");
      }
      if (position == 0 && !header(in, length)) {
        return 0;
      }
      in.seek(position);
      while (length - position >= LogFormat.FRAME_BYTES) {
        int size = Integer.reverseBytes(in.readInt());
        int checksum = Integer.reverseBytes(in.readInt());
        if (size < 0 || size > LogFormat.MOST_BYTES) {
          throw wrong(
              "records of at most "
                  + LogFormat.MOST_BYTES
                  + " bytes, got "
                  + Integer.toUnsignedString(size));
        }
        if (length - position - LogFormat.FRAME_BYTES < size) {
          break;
        }
        byte[] message = new byte[size];
        in.readFully(message);
        if (LogFormat.checksum(message) != checksum) {
          throw wrong("records that their checksums confirm, got a damaged one");
        }
        take(message, listener);
        position += LogFormat.FRAME_BYTES + size;
        records++;
      }
    } catch (EOFException e) {
      throw new IOException(file + " was cut while it was read", e);
    }
    return records;
  }

  /**
   * Up to where the log is whole.
   *
   * @return bytes that were read
   */
  public long position() {
    return position;
  }

  /** Whether there is a header; refuses another file's. */
  private boolean header(RandomAccessFile in, long length) throws IOException {
    byte[] expected = LogFormat.header();
    byte[] found = new byte[(int) Math.min(length, expected.length)];
    in.readFully(found);
    int magic = Math.min(found.length, expected.length - Integer.BYTES);
    if (!Arrays.equals(found, 0, magic, expected, 0, magic)) {
      throw new IllegalArgumentException(
          file + " must be a snapshot log, but its first bytes are not a log's");
    }
    if (found.length < expected.length) {
      return false;
    }
    if (!Arrays.equals(found, expected)) {
      throw new IllegalArgumentException(
          file + " must be of version " + LogFormat.VERSION + "; a newer release may read it");
    }
    position = expected.length;
    return true;
  }

  private void take(byte[] bytes, Listener listener) throws IOException {
    try {
      LogRecord record = LogRecord.parseFrom(bytes);
      switch (record.getContentCase()) {
        case HEADER -> listener.started(info(record.getHeader()));
        case SNAPSHOT -> listener.snapshot(snapshot(inflated(record.getSnapshot())));
        case END -> listener.ended(outcome(record.getEnd()));
        default -> {
          // Of a newer release, which may add kinds of records.
        }
      }
    } catch (InvalidProtocolBufferException | DataFormatException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + " must have records in order; at byte " + position + ": " + e.getMessage(), e);
    }
  }

  private static RunInfo info(RunHeader header) {
    return new RunInfo(
        header.getName(),
        Instant.ofEpochMilli(header.getTimeMillis()),
        new TreeMap<>(header.getOptionsMap()));
  }

  private static RunOutcome outcome(RunEnd end) {
    RunOutcome.Kind kind =
        end.getSuccess()
            ? RunOutcome.Kind.FINISHED
            : end.getStopped() ? RunOutcome.Kind.STOPPED : RunOutcome.Kind.FAILED;
    return new RunOutcome(kind, end.getReason());
  }

  private Snapshot snapshot(SnapshotMessage message) {
    int codes = SnapshotMessages.codes(message);
    long[] used = lastUsed.get(message.getCodebook());
    if (used == null || used.length != codes) {
      used = new long[codes];
      Arrays.fill(used, -1);
      lastUsed.put(message.getCodebook(), used);
    } else if (steps.getOrDefault(message.getCodebook(), -1L) >= message.getStep()) {
      // The run went on from an earlier step; what was taken later was not.
      for (int k = 0; k < codes; k++) {
        used[k] = Math.min(used[k], Math.max(0, message.getStep() - 1));
      }
    }
    steps.put(message.getCodebook(), message.getStep());
    return SnapshotMessages.snapshot(message, used);
  }

  private static SnapshotMessage inflated(DeflatedSnapshot packed)
      throws DataFormatException, IOException {
    int length = packed.getLength();
    if (length < 0 || length > LogFormat.MOST_BYTES) {
      throw new IllegalArgumentException(
          "length must be at most "
              + LogFormat.MOST_BYTES
              + ", got "
              + Integer.toUnsignedString(length));
    }
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed.getMessage().toByteArray());
      // Grows with what is there, not with what is declared.
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      while (!inflater.finished()) {
        int count = inflater.inflate(buffer);
        if ((count == 0 && !inflater.finished()) || out.size() + count > length) {
          throw new IllegalArgumentException("snapshot must unpack to " + length + " bytes");
        }
        out.write(buffer, 0, count);
      }
      if (out.size() != length) {
        throw new IllegalArgumentException(
            "snapshot must unpack to " + length + " bytes, got " + out.size());
      }
      return SnapshotMessage.parseFrom(out.toByteArray());
    } finally {
      inflater.end();
    }
  }

  private IllegalArgumentException wrong(String condition) {
    return new IllegalArgumentException(file + " must have " + condition + " at byte " + position);
  }

  /** Whether a file has the beginning of a log. */
  static boolean isThere(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > 0;
  }
}
