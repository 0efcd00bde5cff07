/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.PeerPython;

/** Some thousand files of every kind, and what the real NumPy makes of each. */
class NumpyMatrixTest {
  private final Path directory;
  private final Path theirs;
  private final Path ours;

  NumpyMatrixTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    theirs = Files.createDirectory(directory.resolve("theirs"));
    ours = Files.createDirectory(directory.resolve("ours"));
  }

  @Test
  void whatNumpyReadsIsReadAndTheSame() throws Exception {
    PeerPython.assumeThere();
    List<String> expected = written();
    List<String> lines =
        PeerPython.run(
            NumpyMatrixTest.class,
            "numpy_matrix.py",
            directory,
            theirs.toString(),
            ours.toString());
    List<String> got = new ArrayList<>();
    int readable = 0;
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      if (parts[0].equals("java")) {
        got.add(line.substring("java\t".length()));
      } else if (parts[1].equals("refused")) {
        assertRefused(theirs.resolve(parts[0]), parts[4]);
      } else {
        readable++;
        assertRead(parts);
      }
    }
    assertTrue(readable > 500 && lines.size() - readable > 200, readable + " of " + lines.size());
    assertEquals(expected, got);
  }

  private static NumpyArray only(Path file) throws IOException {
    List<String> names = NumpyFiles.names(file);
    return NumpyFiles.read(file, 1 << 20, names.contains("x") ? Set.of("x") : names)
        .values()
        .iterator()
        .next();
  }

  private static void assertRefused(Path file, String note) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> only(file), file + ": " + note);
    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e.getMessage());
  }

  private void assertRead(String[] parts) throws IOException {
    NumpyArray array = only(theirs.resolve(parts[0]));
    assertEquals(parts[1], array.type().toString(), parts[4]);
    assertEquals(
        parts[2],
        Arrays.stream(array.shape().asArray())
            .mapToObj(Long::toString)
            .collect(Collectors.joining(",")),
        parts[4]);
    String[] numbers = parts[3].isEmpty() ? new String[0] : parts[3].split(" ");
    if (array.type().isWhole()) {
      assertArrayEquals(
          Arrays.stream(numbers).mapToLong(Long::parseLong).toArray(), array.longs(), parts[4]);
    } else {
      assertArrayEquals(
          Arrays.stream(numbers).mapToDouble(NumpyMatrixTest::floating).toArray(),
          array.doubles(),
          parts[4]);
    }
  }

  private static double floating(String python) {
    Map<String, Double> others =
        Map.of(
            "nan", Double.NaN, "inf", Double.POSITIVE_INFINITY, "-inf", Double.NEGATIVE_INFINITY);
    return Objects.requireNonNullElseGet(others.get(python), () -> Double.parseDouble(python));
  }

  /** Every type; as the script prints them. */
  private List<String> written() throws IOException {
    List<String> expected = new ArrayList<>();
    for (NumpyType type : NumpyType.values()) {
      NumpyArray array = NumpyArray.of(type, Shape.of(1, 2), 0, 1);
      Path file = ours.resolve("one-" + type + ".npy");
      NumpyFiles.write(file, array);
      NumpyFiles.write(ours.resolve("some-" + type + ".npz"), Map.of("grün/x", array));
      String numbers =
          type == NumpyType.BOOL ? "[False, True]" : type.isWhole() ? "[0, 1]" : "[0.0, 1.0]";
      expected.add("one-" + type + ".npy\t\t" + type + "\t(1, 2)\t" + numbers);
      expected.add("some-" + type + ".npz\tgrün/x\t" + type + "\t(1, 2)\t" + numbers);
    }
    NumpyFiles.write(
        ours.resolve("scalar.npy"), NumpyArray.of(NumpyType.UINT8, Shape.scalar(), 255));
    expected.add("scalar.npy\t\tuint8\t()\t[255]");
    NumpyFiles.write(
        ours.resolve("none.npy"), NumpyArray.of(NumpyType.FLOAT64, Shape.of(0, 3), new double[0]));
    expected.add("none.npy\t\tfloat64\t(0, 3)\t[]");
    expected.sort(null);
    return expected;
  }
}
