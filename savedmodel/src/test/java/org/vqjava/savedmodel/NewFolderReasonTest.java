/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.exceptions.TFResourceExhaustedException;

/** What is said of a folder that cannot be written: its own name and the system's reason. */
class NewFolderReasonTest {
  private final Path directory;
  private final Path folder;

  NewFolderReasonTest(@TempDir Path directory) {
    this.directory = directory;
    this.folder = directory.resolve("model");
  }

  private void assertFails(String message, NewFolder.Content content) throws IOException {
    assertEquals(
        message,
        assertThrows(FileSystemException.class, () -> NewFolder.write(folder, content))
            .getMessage());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aFullDiskIsToldWithTheFolder() throws IOException {
    assertFails(
        folder + ": No space left on device",
        inner -> {
          throw new IOException("No space left on device");
        });
  }

  /** As TensorFlow says it of a checkpoint. */
  @Test
  void aFullDiskUnderTensorFlowIsToldWithoutItsGraph() throws IOException {
    assertFails(
        folder + ": No space left on device",
        inner -> {
          throw new TFResourceExhaustedException(
              inner
                  + "/variables_temp/part-00000-of-00001.data; No space left on device\n"
                  + "\t [[{{node save/SaveV2}}]]\n"
                  + "Hint: If you want to see a list of allocated tensors when OOM happens, add"
                  + " report_tensor_allocations_upon_oom to RunOptions");
        });
  }

  @Test
  void filesAreCalledAsTheyWouldHaveBeen() throws IOException {
    assertFails(
        folder.resolve("assets").resolve("a") + ": no",
        inner -> {
          throw new FileSystemException(
              inner.resolve("assets").resolve("a").toString(), null, "no");
        });
    assertFails(
        "/elsewhere: AccessDeniedException",
        inner -> {
          throw new AccessDeniedException("/elsewhere");
        });
  }
}
