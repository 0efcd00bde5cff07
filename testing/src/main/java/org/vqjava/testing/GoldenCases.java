/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The golden cases of a folder as dynamic tests, one a file, named by the file.
 *
 * <p>The cases are those in the test resources, {@code /golden/<folder>}, or with {@code
 * -Dgolden.dir=DIR} those in {@code DIR/<folder>}: any cases of the same form can be held against
 * this project. A case is a {@code *.json} directly in its folder.
 */
public final class GoldenCases {
  /** The system property that names the folder of other cases. */
  public static final String DIRECTORY_PROPERTY = "golden.dir";

  /** What a module does with a case; it throws an {@link AssertionError} where they disagree. */
  @FunctionalInterface
  public interface Check {
    /**
     * Runs the case.
     *
     * @param golden the case
     * @throws Exception if the case cannot be run, which is a failure
     */
    void run(GoldenCase golden) throws Exception;
  }

  private GoldenCases() {}

  /**
   * One test for each case of the folder.
   *
   * @param folder the folder's name, {@code vq}
   * @param anchor a class whose module holds the cases among its test resources
   * @param check runs a case; keys that it did not ask for make the test fail afterwards
   * @return the tests, by name
   */
  public static Stream<DynamicTest> tests(String folder, Class<?> anchor, Check check) {
    return files(folder, anchor).stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString().replaceFirst("\\.json$", ""),
                    () -> {
                      GoldenCase golden = GoldenCase.read(file);
                      check.run(golden);
                      golden.requireAllRead();
                    }));
  }

  private static List<Path> files(String folder, Class<?> anchor) {
    String elsewhere = System.getProperty(DIRECTORY_PROPERTY);
    if (elsewhere != null) {
      if (!Path.of(elsewhere).isAbsolute() || !Files.isDirectory(Path.of(elsewhere))) {
        throw new IllegalArgumentException(
            DIRECTORY_PROPERTY + " must be an absolute path of a directory, got " + elsewhere);
      }
      Path directory = Path.of(elsewhere, folder);
      return Files.isDirectory(directory) ? list(directory) : List.of();
    }
    URL resource = anchor.getResource("/golden/" + folder);
    if (resource == null) {
      throw new IllegalStateException("the test resources have no /golden/" + folder);
    }
    try {
      List<Path> files = list(Path.of(resource.toURI()));
      if (files.isEmpty()) {
        throw new IllegalStateException("/golden/" + folder + " holds no case");
      }
      return files;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".json"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
