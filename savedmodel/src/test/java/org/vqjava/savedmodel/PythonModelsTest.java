/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vqjava.testing.ChildProcess;
import org.vqjava.testing.PeerPython;

/**
 * Models that the Python at hand makes anew, retrained here, and read by it again. The guide's
 * table of what works names each of them.
 */
class PythonModelsTest {
  private static final double STEP_TOLERANCE = 1e-4;
  private static final double OF_HALF_PRECISION = 5e-3;

  private static final String[] CONVOLUTIONS = {
    "conv1d",
    "conv2d-transpose",
    "depthwise-conv2d",
    "dilated-conv2d",
    "grouped-conv1d",
    "grouped-conv2d",
    "grouped-conv2d-one-each",
    "grouped-keras3",
    "grouped-module",
    "separable-conv2d"
  };

  private final Path directory;

  PythonModelsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** Whole models, as Python saves them; and one of each kind of layer. */
  @ParameterizedTest
  @CsvSource({"fresh, 17", "zoo, 93"})
  void whatPythonMakesIsRetrainedAndReadBack(String set, int count) throws Exception {
    PeerPython.assumeThere();
    Path cases = directory.resolve("cases");
    make(cases, set);
    Path written = Files.createDirectory(directory.resolve("written"));
    List<String> refused = new ArrayList<>();
    List<Path> folders = folders(cases);
    assertEquals(count, folders.size());
    for (Path folder : folders) {
      Path out = written.resolve(String.valueOf(folder.getFileName()));
      try {
        new ModelCase(folder).check(out);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(folder.getFileName() + ": " + e.getMessage(), e);
      }
      if (!Files.exists(out)) {
        refused.add(String.valueOf(folder.getFileName()));
      }
    }
    List<String> lines =
        PeerPython.run(
            PythonModelsTest.class,
            "read_models.py",
            directory,
            cases.toString(),
            written.toString());
    assertEquals(count - refused.size(), lines.size());
    lines.forEach(PythonModelsTest::checkLine);
    assertGuideNames(folders, refused);
  }

  /** What TensorFlow computes convolutions with is decided at the start of a process. */
  @Test
  void convolutionsAreRetrainedWithAndWithoutOneDnn() throws Exception {
    PeerPython.assumeThere();
    Path cases = directory.resolve("cases");
    make(cases, CONVOLUTIONS);
    for (String oneDnn : List.of("0", "1")) {
      List<String> lines =
          ChildProcess.run(
              Map.of("TF_ENABLE_ONEDNN_OPTS", oneDnn, "TF_CPP_MIN_LOG_LEVEL", "2"),
              ModelCaseProcess.class,
              "512m",
              directory.resolve("printed"),
              folders(cases).stream().map(Path::toString).toArray(String[]::new));
      assertEquals(
          Stream.of(CONVOLUTIONS).sorted().map(name -> "right " + name).toList(),
          lines.stream().filter(line -> line.matches("(right|wrong) .*")).toList());
    }
  }

  private void make(Path cases, String... sets) throws IOException, InterruptedException {
    PeerPython.place(
        PythonModelsTest.class, directory, "model_cases.py", "fresh_models.py", "zoo_models.py");
    PeerPython.run(
        PythonModelsTest.class,
        "make_models.py",
        directory,
        Stream.concat(Stream.of(cases.toString()), Stream.of(sets)).toArray(String[]::new));
  }

  private static List<Path> folders(Path cases) throws IOException {
    try (Stream<Path> folders = Files.list(cases)) {
      return folders.sorted().toList();
    }
  }

  private static void checkLine(String line) {
    String[] words = line.split(" ", -1);
    double tolerance = words[0].equals("mixed-precision") ? OF_HALF_PRECISION : STEP_TOLERANCE;
    assertTrue(Double.parseDouble(words[1]) <= tolerance, line);
    assertTrue(Double.parseDouble(words[2]) <= tolerance, line);
    Matcher keras = Pattern.compile("\\w+:(\\d+)of(\\d+)").matcher(words[3]);
    assertTrue(words[3].equals("-") || (keras.matches() && !keras.group(1).equals("0")), line);
  }

  /** In the guide a row of the table names models in code, and says what comes of them. */
  private static void assertGuideNames(List<Path> folders, List<String> refused)
      throws IOException {
    Path guide =
        Path.of(String.valueOf(System.getProperty("project.root")), "docs/guide/savedmodels.md");
    TreeSet<String> works = new TreeSet<>();
    TreeSet<String> not = new TreeSet<>();
    for (String line : Files.readAllLines(guide)) {
      Matcher names = Pattern.compile("`([a-z0-9-]+)`").matcher(line);
      boolean row = line.startsWith("| ") && (line.contains("| works") || line.contains("| no: "));
      while (row && names.find()) {
        (line.contains("| works") ? works : not).add(names.group(1));
      }
    }
    for (Path folder : folders) {
      String name = String.valueOf(folder.getFileName());
      assertTrue(
          (refused.contains(name) ? not : works).contains(name), "the guide must name " + name);
    }
  }
}
