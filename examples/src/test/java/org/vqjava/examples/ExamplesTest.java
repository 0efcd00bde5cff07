/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.vqjava.savedmodel.DistinctValues;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.workflow.ProgressListener;

/** Each example runs and prints what the guide says that it prints. */
@ResourceLock(Resources.SYSTEM_OUT)
class ExamplesTest {
  @FunctionalInterface
  private interface Main {
    void run() throws Exception;
  }

  private static List<String> printed(Main main) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, UTF_8)) {
      System.setOut(out);
      main.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(UTF_8).lines().toList();
  }

  @Test
  void quickstartFindsTheThreeClouds() throws Exception {
    List<String> lines = printed(() -> Quickstart.main(new String[0]));
    assertEquals("codes taken [1, 1, 0, 0, 2]", lines.get(0));
    List<Double> numbers =
        List.of(lines.get(1).replaceAll("[^-0-9.,E]", "").split(",")).stream()
            .map(Double::valueOf)
            .toList();
    List<Double> means = List.of(-0.9, 1.1, 1.1, 0.9, 0.0, -1.0);
    for (int i = 0; i < means.size(); i++) {
      assertEquals(means.get(i), numbers.get(i), 0.1);
    }
  }

  @Test
  void deadCodesComeIntoUse() throws Exception {
    List<Integer> used =
        printed(() -> ReplaceDeadCodes.main(new String[0])).stream()
            .map(line -> Integer.valueOf(line.replaceAll(".*: (\\d+) codes used", "$1")))
            .toList();
    assertEquals(6, used.size());
    assertTrue(used.get(0) <= 3, () -> "few codes are near the data: " + used);
    assertTrue(used.get(5) >= 16, () -> "replacement brings others there: " + used);
  }

  @Test
  void aSavedLayerEncodesAndDecodes() throws Exception {
    assertLinesMatch(
        List.of(
            "indices [0, 2, 1]",
            "decoded [0.0, 0.0, 5.0, 5.0, 1.0, 1.0]",
            "codes   [[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]]"),
        printed(() -> SaveAndLoad.main(new String[0])));
  }

  @Test
  void neighboursVoteAndWhatLiesBetweenPasses() throws Exception {
    assertLinesMatch(
        List.of("labels [0, 1, 1]", "output [[1.0, 0.0], [0.0, 1.0], [2.0, 2.1]]"),
        printed(() -> VoteOfNeighbours.main(new String[0])));
  }

  @Test
  void theBetaLossFallsWithItsWeight() throws Exception {
    List<Double> losses =
        printed(() -> WeightSchedule.main(new String[0])).stream()
            .map(line -> Double.valueOf(line.replace("beta-loss ", "")))
            .toList();
    assertEquals(5, losses.size());
    for (int i = 1; i < losses.size(); i++) {
      assertTrue(losses.get(i) < losses.get(i - 1) / 2, losses::toString);
    }
  }

  @Test
  void aKernelOfFourValuesIsTrained() throws Exception {
    List<String> lines = printed(() -> ClusterKernel.main(new String[0]));
    double before = Double.parseDouble(lines.get(0).replace("loss ", ""));
    double after = Double.parseDouble(lines.get(1).replace("loss ", ""));
    assertTrue(after < before / 10, lines::toString);
    assertTrue(lines.get(3).matches("kernel +\\[16, 8] +4 +4 +2 .*"), lines::toString);
    assertFalse(lines.get(3).contains("0.00e+00"), "compared before strip");
    assertTrue(lines.get(5).startsWith("cluster sizes "), lines::toString);
  }

  @Test
  void theDigitsNetworkIsArchivedSmallAndAccurate(@TempDir Path directory) throws Exception {
    Map<String, QuantizeDigits.Row> rows = new LinkedHashMap<>();
    for (QuantizeDigits.Row row : QuantizeDigits.run(directory, new ProgressListener() {})) {
      rows.put((row.group() + " " + row.name()).strip(), row);
    }
    assertEquals(10, rows.size());
    QuantizeDigits.Row float32 = Objects.requireNonNull(rows.get("float32"));
    assertEquals(326 / 360.0, float32.accuracy(), 1e-6);
    QuantizeDigits.Row int8 = Objects.requireNonNull(rows.get("int8"));
    assertEquals(float32.accuracy(), int8.accuracy(), 0.006);
    QuantizeDigits.Row blocks = Objects.requireNonNull(rows.get("blocks 128 of 4"));
    assertTrue(blocks.accuracy() > 0.88, blocks::toString);
    assertTrue(blocks.bytes() < float32.bytes() / 6, blocks::toString);
    assertTrue(Files.size(directory.resolve("sizes.png")) > 1000);
  }

  @Test
  void classifiersAreAttackedInOneCall(@TempDir Path runs) throws Exception {
    List<String> lines = printed(() -> AttackClassifiers.main(new String[] {runs.toString()}));
    assertLinesMatch(
        List.of("plain 0\\.[56]\\d", "quantized 0\\.[567]\\d", "voted 0\\.[67]\\d"), lines);
  }

  @Test
  void digitsAreTrainedInOneCall(@TempDir Path runs) throws Exception {
    List<String> lines = printed(() -> TrainDigits.main(new String[] {runs.toString()}));
    assertEquals(31, lines.size());
    double error = Double.parseDouble(lines.get(30).replace("test error ", ""));
    assertTrue(error < 0.0115, () -> "the reference's ten seeds are below 0.0094: " + error);
  }

  /** What Keras gets back has few values a kernel, and is nearly as often right. */
  @Test
  void aKerasNetworkIsClusteredAndTrainedFurther(@TempDir Path directory) throws Exception {
    List<FinetuneKerasModel.Row> rows =
        FinetuneKerasModel.run(directory, new ProgressListener() {});
    for (FinetuneKerasModel.Row row : rows) {
      assertTrue(row.keras() > 0.95, row.toString());
      assertTrue(row.finetuned() > 0.94, row.toString());
      ModelDescription written =
          ModelDescription.read(directory.resolve("clustered-" + row.clusters()));
      Map<String, Integer> distinct = DistinctValues.of(written);
      for (String kernel : List.of("conv1/kernel", "conv2/kernel", "hidden/kernel")) {
        assertEquals(row.clusters(), distinct.get(kernel), kernel);
      }
    }
    FinetuneKerasModel.Row two = rows.get(0);
    assertTrue(two.finetuned() > two.clustered() + 0.03, two.toString());
    assertTrue(two.bytes() < rows.get(2).bytes());
  }

  @Test
  void aCodebookGoesBehindALayerOfAKerasNetwork(@TempDir Path directory) throws Exception {
    List<QuantizeActivations.Row> rows =
        QuantizeActivations.run(directory, new ProgressListener() {});
    QuantizeActivations.Row large = rows.get(2);
    assertTrue(large.finetuned() > large.quantized(), large.toString());
    assertTrue(large.finetuned() > 0.88, large.toString());
    assertTrue(rows.get(0).finetuned() < large.finetuned(), rows.toString());
    assertTrue(large.used() > 32 && large.perplexity() > 16, large.toString());
    Map<String, Integer> distinct =
        DistinctValues.of(ModelDescription.read(directory.resolve("codes-64")));
    assertTrue(distinct.containsKey("codebook"), distinct::toString);
  }
}
