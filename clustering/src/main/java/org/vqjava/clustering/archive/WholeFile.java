/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file whole or not at all: beside, and renamed when it is on the disk. Its permissions
 * are those of any new file; a temporary file of the JDK is its owner's alone, and would stay so.
 */
final class WholeFile {
  private WholeFile() {}

  /** Writes to a channel. */
  @FunctionalInterface
  interface Content {
    void write(FileChannel channel) throws IOException;
  }

  static void write(Path file, Content content) throws IOException {
    Path temporary =
        file.toAbsolutePath().resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.write(channel);
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (ClosedChannelException e) {
      throw e; // the thread was interrupted
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(file.toString());
    } catch (IOException e) {
      throw unwritable(file, e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Of the file itself: a full disk names none, and others the temporary one. */
  private static IOException unwritable(Path file, IOException e) {
    if (e instanceof AccessDeniedException) {
      return new AccessDeniedException(file.toString());
    }
    String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
    FileSystemException unwritable = new FileSystemException(file.toString(), null, reason);
    unwritable.initCause(e);
    return unwritable;
  }
}
