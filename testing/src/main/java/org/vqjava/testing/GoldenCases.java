/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The golden cases of a folder as dynamic tests, one a file, named by the file.
 *
 * <p>The cases are those in the test resources, {@code /golden/<folder>}, or with {@code
 * -Dgolden.dir=DIR} those in {@code DIR/<folder>}: any cases of the same form can be held against
 * this project. A case is a {@code *.json} directly in its folder.
 *
 * <p>A case that expects an {@code error} passes if the library {@linkplain Refusal refuses} it.
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
     * @throws Throwable if the case cannot be run, which is a failure
     */
    void run(GoldenCase golden) throws Throwable;
  }

  private GoldenCases() {}

  /**
   * One test for each case of the folder.
   *
   * @param folder the folder's name, {@code vq}
   * @param anchor a class whose module holds the cases among its test resources
   * @param check runs a case; keys that it did not ask for make the test fail afterwards, unless
   *     the case is to be refused
   * @return the tests, by name
   */
  public static Stream<DynamicTest> tests(String folder, Class<?> anchor, Check check) {
    return files(folder, anchor).stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString().replaceFirst("\\.json$", ""),
                    () -> run(GoldenCase.read(file), anchor, check)));
  }

  private static void run(GoldenCase golden, Class<?> anchor, Check check) throws Throwable {
    if (golden.expected().has("error")) {
      Refusal.expect(golden.name(), anchor, () -> check.run(golden));
    } else {
      check.run(golden);
      golden.requireAllRead();
    }
  }

  /**
   * Runs a case of the resources after a change, to try what reads it.
   *
   * @param path of the case, {@code vq/error-n}
   * @param anchor a class whose module holds the case among its test resources
   * @param change changes its JSON
   * @param check runs a case
   * @throws AssertionError if it fails as a test of the case would
   * @throws Throwable whatever else the check throws
   */
  public static void runChanged(
      String path, Class<?> anchor, Consumer<ObjectNode> change, Check check) throws Throwable {
    ObjectMapper json = GoldenCase.JSON;
    ObjectNode root;
    try (InputStream in = anchor.getResourceAsStream("/golden/" + path + ".json")) {
      if (in == null) {
        throw new IllegalStateException("the test resources have no /golden/" + path + ".json");
      }
      root = (ObjectNode) json.readTree(in);
    }
    change.accept(root);
    run(GoldenCase.read(new ByteArrayInputStream(json.writeValueAsBytes(root))), anchor, check);
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
