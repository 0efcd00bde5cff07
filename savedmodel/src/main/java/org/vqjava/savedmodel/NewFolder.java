/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;

/** A folder that appears whole or not at all: it is written beside, and renamed. */
final class NewFolder {
  /** Writes what is in it. */
  interface Content {
    void write(Path folder) throws IOException;
  }

  private NewFolder() {}

  /** Makes the folder; an empty one may be there. */
  static void write(Path folder, Content content) throws IOException {
    checkIsFree(folder);
    Path parent = Objects.requireNonNull(folder.toAbsolutePath().getParent(), "parent");
    Path temporary = Files.createTempDirectory(Files.createDirectories(parent), ".writing");
    try {
      Path inner = Files.createDirectory(temporary.resolve("folder"));
      content.write(inner);
      Files.deleteIfExists(folder);
      Files.move(inner, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(temporary);
    }
  }

  private static void checkIsFree(Path folder) throws IOException {
    if (Files.exists(folder)) {
      if (!Files.isDirectory(folder)) {
        throw new IllegalArgumentException(folder + " must be a folder, got a file");
      }
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new IllegalArgumentException(
              folder + " must be new or empty, got a folder with files: name another one");
        }
      }
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
