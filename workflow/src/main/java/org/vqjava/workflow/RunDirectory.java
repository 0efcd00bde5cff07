/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

/** A directory for the files of one run, in which nothing is ever overwritten. */
public final class RunDirectory {
  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /**
   * Creates a directory, with its parents.
   *
   * @param path a directory that does not exist yet, or is empty
   * @return the directory
   * @throws IllegalArgumentException if there is something already
   * @throws IOException if it cannot be created
   */
  public static RunDirectory create(Path path) throws IOException {
    if (Files.exists(path) && !(Files.isDirectory(path) && isEmpty(path))) {
      throw new IllegalArgumentException(
          "out must be a directory that does not exist yet or is empty, got " + path);
    }
    Files.createDirectories(path);
    return new RunDirectory(path);
  }

  /**
   * Creates the first directory of {@code name-001}, {@code name-002}, .. that does not exist.
   *
   * @param parent where, created if it is missing
   * @param name what the names begin with
   * @return the directory
   * @throws IOException if it cannot be created
   */
  public static RunDirectory createNext(Path parent, String name) throws IOException {
    Files.createDirectories(parent);
    for (int i = 1; ; i++) {
      Path next = parent.resolve(String.format(Locale.ROOT, "%s-%03d", name, i));
      try {
        Files.createDirectory(next);
        return new RunDirectory(next);
      } catch (FileAlreadyExistsException taken) {
        // Another run has this number, perhaps since a moment ago: the next one.
      }
    }
  }

  /** The directory of a run that was begun before. */
  static RunDirectory existing(Path path) {
    return new RunDirectory(path);
  }

  /**
   * Where it is.
   *
   * @return its path
   */
  public Path path() {
    return path;
  }

  /** Writes a file whole or not at all. */
  void write(String name, byte[] content) throws IOException {
    // Not a temporary file of the JDK, which is its owner's alone and would stay so.
    Path temporary = path.resolve(name + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // A full disk names no file, and others the temporary one.
      String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
      FileSystemException unwritable =
          new FileSystemException(path.resolve(name).toString(), null, reason);
      unwritable.initCause(e);
      throw unwritable;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }
}
