/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tensorflow.exceptions.TensorFlowException;

/** A folder that appears whole or not at all: it is written beside, and renamed. */
public final class NewFolder {
  /** Writes what is in it. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes it.
     *
     * @param folder that is there and empty
     * @throws IOException if it cannot be written
     */
    void write(Path folder) throws IOException;
  }

  private static final String INNER = "folder";

  /** A file, what the system says of it, and where in the graph that was. */
  private static final Pattern REASON_OF_TENSORFLOW =
      Pattern.compile("^[^;\\n]*; ([^;\\n\\[]*[^;\\s\\[])");

  private NewFolder() {}

  /**
   * Makes the folder; an empty one may be there.
   *
   * @param folder that is made
   * @param content writes what is in it, into another folder beside it
   * @throws IllegalArgumentException if there is something in the folder
   * @throws IOException if it cannot be written; nothing is left then
   */
  public static void write(Path folder, Content content) throws IOException {
    checkIsFree(folder);
    Path parent = Objects.requireNonNull(folder.toAbsolutePath().getParent(), "parent");
    Path temporary = Files.createTempDirectory(Files.createDirectories(parent), ".writing");
    try {
      Path inner = Files.createDirectory(temporary.resolve(INNER));
      content.write(inner);
      Files.deleteIfExists(folder);
      Files.move(inner, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (ClosedChannelException e) {
      throw e; // the thread was interrupted
    } catch (IOException | TensorFlowException e) {
      throw unwritable(folder, temporary.resolve(INNER), e);
    } finally {
      delete(temporary);
    }
  }

  /** Of what is in the folder itself: a full disk names no file, TensorFlow what it was doing. */
  private static IOException unwritable(Path folder, Path inner, Exception e) {
    Path file = folder;
    String reason = String.valueOf(e.getMessage());
    if (e instanceof FileSystemException named) {
      Path written = Path.of(Objects.requireNonNullElse(named.getFile(), ""));
      file = written.startsWith(inner) ? folder.resolve(inner.relativize(written)) : written;
      reason = Objects.requireNonNullElse(named.getReason(), e.getClass().getSimpleName());
    } else if (e instanceof TensorFlowException) {
      Matcher system = REASON_OF_TENSORFLOW.matcher(reason);
      reason = system.find() ? system.group(1) : reason;
    }
    FileSystemException unwritable = new FileSystemException(file.toString(), null, reason);
    unwritable.initCause(e);
    return unwritable;
  }

  /**
   * Refuses a folder that is in another one, which is being read.
   *
   * @param folder that is to be written
   * @param other that is read; need not be there
   * @throws IllegalArgumentException if it is in the other one, or is that
   * @throws IOException if the file system cannot tell
   */
  public static void checkIsOutside(Path folder, Path other) throws IOException {
    Path existing = folder.toAbsolutePath().normalize();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (Files.exists(other)
        && existing != null
        && existing.toRealPath().startsWith(other.toRealPath())) {
      throw new IllegalArgumentException(
          folder + " must be outside of the model's folder, got one in " + other);
    }
  }

  /**
   * Refuses what is there already, before the work is done that is to be written.
   *
   * @param folder that is to be written
   * @throws IllegalArgumentException if it is a file, or a folder with something in it
   * @throws IOException if it cannot be listed
   */
  public static void checkIsFree(Path folder) throws IOException {
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
