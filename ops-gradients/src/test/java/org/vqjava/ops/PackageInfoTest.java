/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The package's page is where a newcomer looks for what there is. */
class PackageInfoTest {
  private static final Path SOURCES =
      Path.of(
          Objects.requireNonNull(System.getProperty("project.root")),
          "ops-gradients/src/main/java/org/vqjava/ops");
  private static final Pattern PUBLIC =
      Pattern.compile("(?m)^public (?:final |sealed )?(?:class|record|enum|interface) (\\w+)");
  private static final Pattern LINK =
      Pattern.compile("\\{@link[\\s*]+org\\.vqjava\\.ops\\.(\\w+)}");

  @Test
  void everyPublicClassIsListed() throws IOException {
    Set<String> classes = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        classes.addAll(found(PUBLIC, file));
      }
    }
    assertTrue(classes.contains("NearestCode"), classes.toString());
    assertEquals(classes, found(LINK, SOURCES.resolve("package-info.java")));
  }

  private static Set<String> found(Pattern pattern, Path file) throws IOException {
    Set<String> names = new TreeSet<>();
    pattern.matcher(Files.readString(file)).results().forEach(match -> names.add(match.group(1)));
    return names;
  }
}
