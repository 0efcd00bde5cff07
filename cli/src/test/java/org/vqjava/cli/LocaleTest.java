/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.testing.ChildProcess;

/** Other digits, and an i that becomes İ in upper case. */
class LocaleTest {
  private static final String KERAS =
      Objects.requireNonNull(System.getProperty("project.root"))
          + "/examples/src/main/resources/org/vqjava/examples/keras-digits";

  private final Path directory;

  LocaleTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "tr-TR"})
  void aCommandDoesTheSameUnderEachLocale(String tag) throws Exception {
    List<String> english = cluster("en-US");
    List<String> other = cluster(tag);
    assertEquals(english, other);
    assertTrue(String.join("\n", english).matches("(?s).*\\d.*"), english::toString);
  }

  private List<String> cluster(String tag) throws Exception {
    String[] parts = tag.split("-", -1);
    return ChildProcess.run(
            Vq.class,
            List.of("-Xmx512m", "-Duser.language=" + parts[0], "-Duser.country=" + parts[1]),
            directory.resolve(tag + ".txt"),
            "cluster",
            KERAS,
            "--clusters",
            "4",
            "--out",
            directory.resolve(tag).toString())
        .stream()
        .filter(line -> !line.contains(directory.toString()))
        .filter(line -> !line.matches("(WARNING: All log |[IWE]\\d{4} ).*")) // TensorFlow's own
        .map(line -> line.replaceAll("\\d+([.]\\d+)? s\\b", "SECONDS"))
        .toList();
  }
}
