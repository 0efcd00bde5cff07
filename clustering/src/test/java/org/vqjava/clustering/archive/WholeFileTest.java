/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file that cannot be written: its own name and the system's reason. */
class WholeFileTest {
  private final Path directory;
  private final Path file;

  WholeFileTest(@TempDir Path directory) {
    this.directory = directory;
    this.file = directory.resolve("a.npz");
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  /** As a full disk says it: without a name. */
  @Test
  void aFullDiskIsToldWithTheFile() throws IOException {
    FileSystemException e =
        assertThrows(
            FileSystemException.class,
            () ->
                WholeFile.write(
                    file,
                    channel -> {
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + ": No space left on device", e.getMessage());
    assertNothingIsLeft();
  }

  @Test
  void aMissingDirectoryIsToldWithTheFileThatWasToBeWritten() {
    Path missing = directory.resolve("missing").resolve("a.npz");
    assertEquals(
        missing.toString(),
        assertThrows(NoSuchFileException.class, () -> WholeFile.write(missing, channel -> {}))
            .getMessage());
  }

  @Test
  void aFolderInThePlaceOfTheFileIsTold() throws IOException {
    Files.createDirectories(file.resolve("full"));
    FileSystemException e =
        assertThrows(FileSystemException.class, () -> WholeFile.write(file, channel -> {}));
    assertEquals(file.toString(), e.getFile());
  }

  @Test
  void anInterruptIsOne() throws IOException {
    assertThrows(
        ClosedByInterruptException.class,
        () ->
            WholeFile.write(
                file,
                channel -> {
                  throw new ClosedByInterruptException();
                }));
    assertNothingIsLeft();
  }
}
