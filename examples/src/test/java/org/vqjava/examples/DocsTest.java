/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Java in a page is a region of an example that compiles and runs, and what a page links to exists.
 *
 * <p>The line before such a block is {@code <!-- snippet: File.java#region -->}; in the file, the
 * region is between {@code // region name} and {@code // endregion}.
 */
class DocsTest {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("project.root")));
  private static final Path SOURCES = ROOT.resolve("examples/src/main/java/org/vqjava/examples");
  private static final Pattern JAVA_BLOCK =
      Pattern.compile("(?:<!-- snippet: (\\S+)#(\\S+) -->\\R)?```java\\R(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:|#)([^)#\\s]+)(?:#[^)]*)?\\)");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .forEach(pages::add);
    }
    return pages;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void javaIsTakenFromAnExample(Path page) throws IOException {
    Matcher block = JAVA_BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      String file = block.group(1);
      String region = block.group(2);
      assertTrue(
          file != null && region != null, () -> page + " has Java without a snippet comment");
      assertEquals(region(SOURCES.resolve(file), region), block.group(3), page + ": " + file);
    }
  }

  /**
   * A newcomer needs the imports: they are in the block, or in the file that is linked below it.
   */
  @ParameterizedTest
  @MethodSource("pages")
  void javaHasItsImportsOrTheFileThatHasThem(Path page) throws IOException {
    String text = Files.readString(page);
    Matcher block = JAVA_BLOCK.matcher(text);
    while (block.find()) {
      String file = block.group(1);
      String below = text.substring(block.end(), Math.min(text.length(), block.end() + 120));
      assertTrue(
          block.group(3).contains("import ")
              || below.startsWith(
                  "\n\n[The whole file](../../examples/src/main/java/org/vqjava/examples/" + file),
          () -> page + " has no link to the whole of " + file);
    }
  }

  /** What is to be copied into a pom names what the build makes. */
  @Test
  void theReadmeImportsTheBom() throws IOException {
    String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
    String own = bom.substring(0, bom.indexOf("<packaging>"));
    String readme = Files.readString(ROOT.resolve("README.md"));
    int from = readme.indexOf("<dependencyManagement>");
    assertTrue(from > 0, "dependencyManagement");
    String shown = readme.substring(from, readme.indexOf("</dependencyManagement>"));
    for (String name : List.of("groupId", "artifactId", "version")) {
      Matcher made = Pattern.compile("<" + name + ">.*?</" + name + ">").matcher(own);
      assertTrue(made.find() && shown.contains(made.group()), name);
    }
    assertTrue(shown.contains("<type>pom</type>") && shown.contains("<scope>import</scope>"));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageLinksToIsThere(Path page) throws IOException {
    Matcher link = LINK.matcher(Files.readString(page));
    Path directory = Objects.requireNonNull(page.getParent());
    while (link.find()) {
      Path target = directory.resolve(link.group(1));
      assertTrue(Files.exists(target), () -> page + " links to " + target);
    }
  }

  @Test
  void theReadmeShowsTheQuickstartInAtMostFortyLines() throws IOException {
    String quickstart = region(SOURCES.resolve("Quickstart.java"), "quickstart");
    assertTrue(Files.readString(ROOT.resolve("README.md")).contains(quickstart));
    assertTrue(quickstart.lines().count() <= 40, () -> quickstart.lines().count() + " lines");
  }

  /** The lines of a region, without what all of them are indented by. */
  private static String region(Path source, String name) throws IOException {
    List<String> lines = Files.readAllLines(source);
    List<String> region =
        lines.stream()
            .dropWhile(line -> !line.strip().equals("// region " + name))
            .skip(1)
            .takeWhile(line -> !line.strip().equals("// endregion"))
            .toList();
    assertTrue(!region.isEmpty(), () -> source + " has no region " + name);
    return String.join("\n", region).stripIndent() + "\n";
  }
}
