/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  private final Path directory;

  RunDirectoryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void isCreatedWithItsParents() throws IOException {
    Path path = directory.resolve("a/b");
    assertEquals(path, RunDirectory.create(path).path());
    assertTrue(Files.isDirectory(path));
    RunDirectory.create(path); // it is empty still
  }

  @Test
  void nothingThatIsThereIsTouched() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "mine");
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("x"), "mine");
    for (Path path : List.of(file, full)) {
      assertEquals(
          "out must be a directory that does not exist yet or is empty, got " + path,
          assertThrows(IllegalArgumentException.class, () -> RunDirectory.create(path))
              .getMessage());
    }
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void runsAreNumberedAndGapsAreFilled() throws IOException {
    assertEquals("digits-001", next());
    assertEquals("digits-002", next());
    Files.delete(directory.resolve("digits-001"));
    Files.writeString(directory.resolve("digits-003"), "a file takes a number too");
    assertEquals("digits-001", next());
    assertEquals("digits-004", next());
  }

  private String next() throws IOException {
    return String.valueOf(RunDirectory.createNext(directory, "digits").path().getFileName());
  }

  @Test
  void aFileIsWrittenWholeAndNothingBesideIt() throws IOException {
    RunDirectory run = RunDirectory.create(directory.resolve("run"));
    byte[] content = {1, 2, 3};
    run.write("figures.json", content);
    try (Stream<Path> files = Files.list(run.path())) {
      assertEquals(List.of(run.path().resolve("figures.json")), files.toList());
    }
    assertArrayEquals(content, Files.readAllBytes(run.path().resolve("figures.json")));
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNothing() throws IOException {
    RunDirectory run = RunDirectory.create(directory.resolve("run"));
    Files.createDirectories(run.path().resolve("taken/by"));
    assertThrows(IOException.class, () -> run.write("taken", new byte[1]));
    try (Stream<Path> files = Files.list(run.path())) {
      assertEquals(List.of(run.path().resolve("taken")), files.toList());
    }
  }
}
