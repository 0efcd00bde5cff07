/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vqjava.cli.Outcome.vq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;

/** Files that are missing, are folders, or are there already. */
class FilesTest {
  private final Path directory;

  FilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static void refused(int code, String message, Object... arguments) {
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    Outcome outcome = vq(words);
    assertEquals(message + System.lineSeparator(), outcome.err());
    assertEquals(code, outcome.code());
    assertEquals("", outcome.out());
  }

  @Test
  void missingFilesAndFoldersAreToldAsWhatTheyAre() throws IOException {
    Path missing = directory.resolve("a.npz");
    Path out = directory.resolve("out.vqa");
    String cannot = ": cannot read or write ";
    refused(
        1,
        "vq archive pack" + cannot + missing + ": there is no such file",
        "archive",
        "pack",
        missing,
        out);
    refused(
        1,
        "vq archive inspect" + cannot + out + ": there is no such file",
        "archive",
        "inspect",
        out);
    Path lost = directory.resolve("lost").resolve("a.npz");
    refused(
        1,
        "vq archive pack" + cannot + lost + ": its directory does not exist",
        "archive",
        "pack",
        lost,
        out);
    Path npy = directory.resolve("a.npy");
    NumpyFiles.write(npy, NumpyArray.of(NumpyType.FLOAT32, Shape.of(2), 1f, 2f));
    refused(
        1,
        "vq archive pack" + cannot + lost + ": its directory does not exist",
        "archive",
        "pack",
        npy,
        lost);
    refused(
        2,
        "vq archive pack: " + directory + " must be a .npy or a .npz, got a folder",
        "archive",
        "pack",
        directory,
        out);
    refused(
        2,
        "vq archive inspect: " + directory + " must be a codebook archive, got a folder",
        "archive",
        "inspect",
        directory);
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path npy = directory.resolve("a.npy");
    NumpyFiles.write(npy, NumpyArray.of(NumpyType.FLOAT32, Shape.of(2), 1f, 2f));
    Path there = Files.write(directory.resolve("there.npz"), new byte[] {1});
    String already = " must be a new file, but there is " + there + " already: name another one";
    refused(2, "vq archive pack: FILE" + already, "archive", "pack", npy, there);
    refused(2, "vq archive unpack: NPZ" + already, "archive", "unpack", npy, there);
    assertArrayEquals(new byte[] {1}, Files.readAllBytes(there));
  }
}
