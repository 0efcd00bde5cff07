/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
  private static final Instant START = Instant.ofEpochSecond(1_700_000_000);
  private static final byte[] DATA = "some data".getBytes(US_ASCII);

  private final Path directory;

  RecordFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void existingFilesAreLeftAlone() throws IOException {
    Path taken = EventFileNames.path(directory, START, 0);
    Files.writeString(taken, "of somebody else");

    try (RecordFile file = RecordFile.create(directory, START)) {
      file.append(DATA);

      assertEquals(EventFileNames.path(directory, START, 1), file.path());
    }
    assertEquals("of somebody else", Files.readString(taken));
  }

  @Test
  void twoFilesOfOneDirectoryAndSecondAreDifferent() {
    try (RecordFile first = RecordFile.create(directory, START);
        RecordFile second = RecordFile.create(directory, START)) {
      assertNotEquals(first.path(), second.path());
    }
  }

  @Test
  void missingDirectoriesAreCreated() {
    Path deep = directory.resolve("runs/today/first");

    try (RecordFile file = RecordFile.create(deep, START)) {
      assertEquals(deep, file.path().getParent());
      assertTrue(Files.isRegularFile(file.path()));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "creating a link needs a privilege there")
  void linkToADirectoryIsADirectory() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("latest"), directory);

    try (RecordFile file = RecordFile.create(link, START)) {
      assertTrue(Files.isRegularFile(file.path()));
    }
  }

  @Test
  void fileInTheWayOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("run"));

    var error = assertThrows(UncheckedIOException.class, () -> RecordFile.create(file, START));
    assertEquals(
        "cannot create an event file in "
            + file
            + " ("
            + FileAlreadyExistsException.class.getName()
            + ": "
            + file
            + "); name a directory that can be written",
        error.getMessage());
  }

  @Test
  void flushedRecordsAreInTheFileBeforeItIsClosed() throws IOException {
    try (RecordFile file = RecordFile.create(directory, START)) {
      file.append(DATA);
      file.flush();

      assertRecords(List.of("some data"), Files.readAllBytes(file.path()));
    }
  }

  @Test
  void closeWritesWhatIsBuffered() throws IOException {
    RecordFile file = RecordFile.create(directory, START);
    file.append(DATA);
    file.close();

    assertRecords(List.of("some data"), Files.readAllBytes(file.path()));
  }

  @Test
  void interruptedThreadWritesOn() throws IOException {
    try (RecordFile file = RecordFile.create(directory, START)) {
      Thread.currentThread().interrupt();
      try {
        file.append(DATA);
        file.flush();
      } finally {
        assertTrue(Thread.interrupted(), "the thread stays interrupted");
      }
      file.append(DATA);
      file.flush();

      assertRecords(List.of("some data", "some data"), Files.readAllBytes(file.path()));
    }
  }

  @Test
  void closedFileRefusesRecords() {
    RecordFile file = RecordFile.create(directory, START);
    file.close();

    String expected = "writer must be open, was closed: " + file.path();
    var append = assertThrows(IllegalStateException.class, () -> file.append(DATA));
    var flush = assertThrows(IllegalStateException.class, file::flush);
    assertEquals(expected, append.getMessage());
    assertEquals(expected, flush.getMessage());
    assertDoesNotThrow(file::close, "closing again");
  }

  @Test
  void nothingFollowsARecordThatCouldNotBeWritten() {
    FullDisk disk = new FullDisk(40);
    RecordFile file = new RecordFile(Path.of("run", "events"), disk);
    file.append(DATA); // 25 bytes
    file.append(DATA);

    var first = assertThrows(UncheckedIOException.class, file::flush);
    assertEquals(
        "cannot write "
            + file.path()
            + " (no space); see that there is space and open a new writer, here or in another"
            + " directory",
        first.getMessage());
    disk.free = Integer.MAX_VALUE;
    var later = assertThrows(UncheckedIOException.class, () -> file.append(DATA));
    assertEquals(
        "cannot write "
            + file.path()
            + " (an earlier value could not be written); see that there is space and open a new"
            + " writer, here or in another directory",
        later.getMessage());
    file.close();

    assertEquals(40, disk.written.size(), "cut short where the disk was full");
    assertEquals(1, EventFileReader.records(disk.written.toByteArray()).size());
    assertTrue(disk.closed);
  }

  @Test
  void closeReportsWhatCouldNotBeWrittenAndClosesNevertheless() {
    FullDisk disk = new FullDisk(3);
    RecordFile file = new RecordFile(Path.of("run", "events"), disk);
    file.append(DATA);
    assertFalse(disk.closed);

    var error = assertThrows(UncheckedIOException.class, file::close);

    assertInstanceOf(IOException.class, error.getCause());
    assertEquals(
        "cannot write "
            + file.path()
            + " (no space); see that there is space and open a new writer, here or in another"
            + " directory",
        error.getMessage());
    assertTrue(disk.closed);
  }

  private static void assertRecords(List<String> expected, byte[] file) {
    assertEquals(
        expected,
        EventFileReader.records(file).stream().map(data -> new String(data, US_ASCII)).toList());
  }

  /** Takes as many bytes as are free, then fails. */
  private static final class FullDisk extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private int free;
    private boolean closed;

    FullDisk(int free) {
      this.free = free;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int fits = Math.min(free, length);
      written.writeBytes(Arrays.copyOfRange(bytes, offset, offset + fits));
      free -= fits;
      if (fits < length) {
        throw new IOException("no space");
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
