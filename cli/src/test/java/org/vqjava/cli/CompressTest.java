/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vqjava.cli.Outcome.vq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.savedmodel.DistinctValues;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;

/** {@code vq cluster} and {@code vq quantize}, of a network that Keras saved. */
class CompressTest {
  private static final Path KERAS =
      Path.of(
          Objects.requireNonNull(System.getProperty("project.root")),
          "examples/src/main/resources/org/vqjava/examples/keras-digits");

  private final Path directory;

  CompressTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path data() throws IOException {
    LabelledImages images = Digits.train().range(0, 256);
    float[] pixels = new float[256 * 64];
    float[] truth = new float[256 * 10];
    for (int i = 0; i < 256; i++) {
      System.arraycopy(images.images().image(i), 0, pixels, i * 64, 64);
      truth[i * 10 + images.labels()[i]] = 1;
    }
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    arrays.put("image", NumpyArray.of(NumpyType.FLOAT32, Shape.of(256, 8, 8, 1), pixels));
    arrays.put("target:probs", NumpyArray.of(NumpyType.FLOAT32, Shape.of(256, 10), truth));
    Path file = directory.resolve("digits.npz");
    NumpyFiles.write(file, arrays);
    return file;
  }

  @Test
  void aModelIsClusteredAndTrainedWithoutALineOfCode() throws IOException {
    Path out = directory.resolve("out");
    Outcome outcome =
        vq(
            "cluster",
            KERAS.toString(),
            "--clusters",
            "4",
            "--out",
            out.toString(),
            "--data",
            data().toString(),
            "--loss",
            "probs=xent_probs",
            "--epochs",
            "1",
            "--input-shape",
            "image=-1,8,8,1",
            "--plain");
    assertEquals(0, outcome.code(), outcome::err);
    assertTrue(outcome.out().matches("(?s)tensor .*hidden/kernel .*loss: .*"), outcome::out);
    assertTrue(outcome.err().contains("train, step 8 of 8"), outcome::err);
    assertTrue(outcome.out().startsWith(Files.readString(out.resolve("report.txt"))));
    assertEquals(
        4, DistinctValues.of(ModelDescription.read(out.resolve("model"))).get("hidden/kernel"));
    assertEquals(0, vq("archive", "inspect", out.resolve("weights.vqa").toString()).code());
  }

  @Test
  void variablesAreChosenByName() throws IOException {
    Path out = directory.resolve("out");
    Outcome outcome =
        vq(
            "cluster",
            KERAS.toString(),
            "--clusters",
            "3",
            "--out",
            out.toString(),
            "--variables",
            "hidden/.*",
            "--per-channel",
            "--preserve-sparsity",
            "--seed",
            "2");
    assertEquals(0, outcome.code(), outcome::err);
    Map<String, Integer> distinct = DistinctValues.of(ModelDescription.read(out.resolve("model")));
    assertTrue(distinct.getOrDefault("hidden/kernel", 0) > 3, distinct::toString);
    assertTrue(distinct.getOrDefault("conv2/kernel", 0) > 1000, distinct::toString);
  }

  @Test
  void aModelIsQuantizedByAPlan() throws IOException {
    Path plan = directory.resolve("plan.json");
    Files.writeString(
        plan,
        """
        {"stages": ["conv2", "hidden"],
         "block_sizes": {"Conv2D": {"feature": "kernel_size", "numbers": {"(3, 3)": 9}},
                         "Dense": {"feature": "fuzzy_name", "numbers": {"hidden": 8}}},
         "centroids": {"Conv2D": {"feature": "kernel_size", "numbers": {"*": 16}},
                       "Dense": {"feature": "units", "numbers": {"*": 32}}},
         "iterations": 3}
        """);
    Path out = directory.resolve("out");
    Outcome outcome =
        vq("quantize", KERAS.toString(), "--plan", plan.toString(), "--out", out.toString());
    assertEquals(0, outcome.code(), outcome::err);
    assertTrue(outcome.out().contains("compression ratio"), outcome::out);
    Map<String, Integer> distinct = DistinctValues.of(ModelDescription.read(out.resolve("model")));
    assertTrue(distinct.getOrDefault("hidden/kernel", 9999) <= 32 * 8, distinct::toString);
  }

  @Test
  void whatIsFrozenIsSeenAndNamedToBeTrained() throws IOException {
    Path frozen =
        Path.of(
            Objects.requireNonNull(System.getProperty("project.root")),
            "savedmodel/src/test/resources/models/frozen-base/model");
    List<String> rows = vq("inspect", frozen.toString()).out().lines().toList();
    assertTrue(
        rows.stream().anyMatch(r -> r.matches("dense/kernel +float32 .* 320 +frozen")),
        rows::toString);
    assertTrue(
        rows.stream().anyMatch(r -> r.matches("y/kernel +float32 .* 12 +12")), rows::toString);
    assertTrue(
        vq("inspect", frozen.resolveSibling("../noise-generator/model").toString())
            .out()
            .contains(
                "  random, no gradient passes it: StatelessRandomNormalV2 1,"
                    + " StatelessRandomUniformV2 1"));
    Path out = directory.resolve("out");
    String call =
        "cluster %s --clusters 4 --out %s --data %s --loss probs=xent_probs --epochs 1 --train %s";
    assertEquals(0, vq(words(call, KERAS, out, data(), "hidden/.*")).code());
    Map<String, Integer> distinct = DistinctValues.of(ModelDescription.read(out.resolve("model")));
    assertEquals(4, distinct.get("hidden/kernel"));
    assertTrue(distinct.getOrDefault("conv2/kernel", 0) > 1000, distinct::toString);
    Outcome refused = vq(words(call, KERAS, directory.resolve("b"), data(), "head"));
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("a float variable must match head, got ["), refused::err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data d.npz           | --data needs --loss, OUTPUT=xent_probs say",
        "--loss probs=mse       | --loss needs --data",
        "--data d.npz --loss probs=huber | loss must be one of mse, xent_probs, xent_logits, got"
            + " huber",
        "--train hidden/.*      | --train needs --data: without data nothing is trained",
        "--input-shape image=a,b | --input-shape must have sizes like -1,50,6, got a,b",
        "--signature other      | signature must be one of [serving_default], got other",
        "--input-shape y=1      | input must be one of [image], got y",
        "--clusters 1           | kernel must be at least 2, got 1",
        "--variables kernal     | a rule must match a variable, got kernal",
        "--tags gpu             | must have a graph with the tags [gpu], got [[serve]]"
      })
  void aWrongCallEndsWithTwoAndWritesNothing(String more, String message) {
    Path out = directory.resolve("out");
    String clusters = more.contains("--clusters") ? "" : " --clusters 4";
    String call = "cluster " + KERAS + " --out " + out + clusters + " " + more;
    Outcome outcome = vq(call.split(" +", -1));
    assertEquals(2, outcome.code(), outcome::err);
    assertTrue(outcome.err().contains(message), outcome::err);
    assertFalse(Files.exists(out));
  }

  private static String[] words(String call, Object... values) {
    return String.format(Locale.ROOT, call, values).split(" ", -1);
  }
}
