/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Not named after {@link GoldenCases}: whoever runs the cases selects their tests by that name. */
class GoldenFolderTest {
  private static final GoldenCases.Check READS_ALL =
      golden -> {
        golden.params().keys().forEach(golden.params()::has);
        golden.inputs().keys().forEach(golden.inputs()::has);
        golden.expected().keys().forEach(golden.expected()::has);
      };

  private final Path directory;
  private @Nullable String before;

  GoldenFolderTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void readsTheResources() {
    before = System.getProperty(GoldenCases.DIRECTORY_PROPERTY);
    System.clearProperty(GoldenCases.DIRECTORY_PROPERTY);
  }

  @AfterEach
  void restoreTheProperty() {
    if (before == null) {
      System.clearProperty(GoldenCases.DIRECTORY_PROPERTY);
    } else {
      System.setProperty(GoldenCases.DIRECTORY_PROPERTY, before);
    }
  }

  @Test
  void aCaseOfTheResourcesIsATestNamedByItsFile() throws Throwable {
    List<double[]> seen = new ArrayList<>();
    List<DynamicTest> tests =
        tests(
            "reader",
            golden -> {
              assertEquals(2, golden.params().integer("factor"));
              seen.add(golden.inputs().tensor("x").doubles());
              golden
                  .tolerance()
                  .check("y", golden.expected().tensor("y").doubles(), new double[] {1, 3});
            });
    assertEquals(List.of("one-step"), names(tests));
    tests.get(0).getExecutable().execute();
    assertEquals(1, seen.size());
    assertArrayEquals(new double[] {0.5, 1.5}, seen.get(0));
  }

  @Test
  void aTestFailsWithItsCheckAndForWhatTheCheckLeftUnread() {
    assertEquals(
        "they differ",
        failure(
                "reader",
                golden -> {
                  throw new AssertionError("they differ");
                })
            .getMessage());
    assertEquals(
        "reader/one-step/expected: the reader does not know [y]",
        failure(
                "reader",
                golden -> {
                  golden.params().has("factor");
                  golden.inputs().has("x");
                })
            .getMessage());
  }

  @Test
  void aFolderOfTheResourcesMustHoldCases() {
    refused("the test resources have no /golden/nowhere", IllegalStateException.class, "nowhere");
    refused("/golden/no-case holds no case", IllegalStateException.class, "no-case");
  }

  @Test
  void thePropertyLeadsToOtherCases() throws IOException {
    System.setProperty(GoldenCases.DIRECTORY_PROPERTY, directory.toString());
    write("reader/b.json", "{}");
    write("reader/a.json", "{}");
    write("reader/README.md", "no case");
    write("reader/deeper/c.json", "{}");
    write("reader/folder.json/d.json", "{}");
    write("other/e.json", "{}");
    assertEquals(List.of("a", "b"), names(tests("reader", READS_ALL)));
  }

  @Test
  void aCaseElsewhereIsReadAndADamagedOneFails() throws Throwable {
    System.setProperty(GoldenCases.DIRECTORY_PROPERTY, directory.toString());
    String good =
        """
        {"case": "a", "function": "f", "params": {}, "inputs": {},
         "expected": {"y": {"dtype": "float32", "shape": [2], "values": [NaN, -Infinity]}},
         "tolerance": {"absolute": 0, "relative": 0}}
        """;
    write("elsewhere/a.json", good);
    List<double[]> values = new ArrayList<>();
    tests("elsewhere", golden -> values.add(golden.expected().tensor("y").doubles()))
        .get(0)
        .getExecutable()
        .execute();
    assertArrayEquals(new double[] {Double.NaN, Double.NEGATIVE_INFINITY}, values.get(0));

    write("elsewhere/a.json", good.replace("\"inputs\"", "\"input\""));
    assertEquals("a: the reader does not know input", failure("elsewhere", READS_ALL).getMessage());
  }

  @Test
  void aFolderThatIsLackingElsewhereGivesNoTest() throws IOException {
    System.setProperty(GoldenCases.DIRECTORY_PROPERTY, directory.toString());
    assertEquals(List.of(), names(tests("reader", READS_ALL)));
    Files.createDirectory(directory.resolve("reader"));
    assertEquals(List.of(), names(tests("reader", READS_ALL)));
  }

  /** A misspelled one would pass with no test run. */
  @Test
  void thePropertyMustNameADirectory() {
    for (String wrong : List.of("golden", "", directory.resolve("nowhere").toString())) {
      System.setProperty(GoldenCases.DIRECTORY_PROPERTY, wrong);
      refused(
          "golden.dir must be an absolute path of a directory, got " + wrong,
          IllegalArgumentException.class,
          "reader");
    }
  }

  private static List<DynamicTest> tests(String folder, GoldenCases.Check check) {
    return GoldenCases.tests(folder, GoldenFolderTest.class, check).toList();
  }

  private static List<String> names(List<DynamicTest> tests) {
    return tests.stream().map(DynamicTest::getDisplayName).toList();
  }

  private static Throwable failure(String folder, GoldenCases.Check check) {
    return assertThrows(
        Throwable.class, () -> tests(folder, check).get(0).getExecutable().execute());
  }

  private static <E extends Exception> void refused(String message, Class<E> type, String folder) {
    assertEquals(message, assertThrows(type, () -> tests(folder, READS_ALL)).getMessage());
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
