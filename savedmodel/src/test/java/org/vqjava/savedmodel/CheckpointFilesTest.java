/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files of a checkpoint must be before they are read. */
class CheckpointFilesTest {
  private final Path prefix;
  private final Path index;

  CheckpointFilesTest(@TempDir Path directory) {
    this.prefix = directory.resolve("saved");
    this.index = directory.resolve("saved.index");
  }

  private void refused(Path of, String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> CheckpointIndex.read(of)).getMessage());
  }

  @Test
  void theIndexIsAFileOfALimitedSize() throws IOException {
    refused(prefix, index + " must be a regular file, got none");
    Files.write(index, new byte[47]);
    refused(prefix, index + " must have 48 to 268435456 bytes, got 47");
    try (RandomAccessFile sparse = new RandomAccessFile(index.toFile(), "rw")) {
      sparse.setLength((256L << 20) + 1);
    }
    refused(prefix, index + " must have 48 to 268435456 bytes, got 268435457");
    Files.delete(index);
    Files.createDirectory(index);
    refused(prefix, index + " must be a regular file, got another");
    Path root = Objects.requireNonNull(prefix.toAbsolutePath().getRoot());
    refused(root, root + " must end with a name, got a root");
  }
}
