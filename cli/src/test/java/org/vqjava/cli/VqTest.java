/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vqjava.cli.Outcome.vq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.workflow.AutoencoderOptions;
import org.vqjava.workflow.ClassifierOptions;

/** The command as it is typed: exit codes, what stands on which stream, one line an error. */
class VqTest {
  private final Path directory;

  VqTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void helpListsTheCommands() {
    Outcome help = vq("--help");
    assertEquals(0, help.code());
    assertTrue(help.out().matches("(?s).*train +Trains an autoencoder.*"), help::out);
    assertTrue(help.out().matches("(?s).*example +Runs an example.*"), help::out);
  }

  @Test
  void helpOfTrainShowsEachDefaultAsItIsTyped() {
    Outcome help = vq("train", "--help");
    assertEquals(0, help.code());
    Map<String, Object> defaults = new TreeMap<>(ClassifierOptions.defaults().byName());
    defaults.putAll(AutoencoderOptions.defaults().byName());
    String words = help.out().replaceAll("\\s+", " ");
    defaults.forEach(
        (name, value) ->
            assertTrue(
                words.matches(".*--" + name + "=\\S+ [^=]* Default: " + value + " .*"),
                () -> name + " " + value + " in " + words));
  }

  @Test
  void versionIsPrinted() {
    Outcome version = vq("--version");
    assertEquals(0, version.code());
    assertTrue(version.out().startsWith("vq "), version::out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --codes x     | vq train: Invalid value for option '--codes': 'x' is not an int; vq train --help tells what it takes",
        "train --codes 0     | vq train: codes must be at least 1, got 0",
        "train --quantizer 3 | vq train: Invalid value for option '--quantizer': expected one of [L2, L1, LINF, COSINE] (case-insensitive) but was '3'; vq train --help tells what it takes",
        "train --search slow | vq train: Invalid value for option '--search': expected one of [FAST, EXACT] (case-insensitive) but was 'slow'; vq train --help tells what it takes",
        "train --rate 0      | vq train: rate must be positive and finite, got 0.0",
        "train --seeds 2     | vq train: --seeds goes with --task classify, got --task autoencode; vq train --help tells what it takes",
        "train --task classify --pca 2 | vq train: --pca goes with --task autoencode, got --task classify; vq train --help tells what it takes",
        "train --task classify --dashboard | vq train: --dashboard goes with --task autoencode, got --task classify; vq train --help tells what it takes",
        "train --task classify --examples 0 | vq train: examples must be at least 1, got 0",
        "train --codes 64 --replace 65 | vq train: replace must be at most the number of codes 64, got 65"
      })
  void aWrongCallEndsWithTwoAndOneLine(String arguments, String line) {
    Outcome outcome = vq(arguments.split(" "));
    assertEquals(line + System.lineSeparator(), outcome.err());
    assertEquals("", outcome.out());
    assertEquals(2, outcome.code());
  }

  @Test
  void aWrongStartIsToldWhichThereAre() {
    Outcome outcome = vq("train", "--init", "random");
    assertEquals(2, outcome.code());
    assertTrue(outcome.err().contains("init must be one of k-means-plus-plus, batch"));
    assertEquals(1, outcome.err().lines().count());
  }

  @Test
  void aRunThatIsNotThereCannotGoOn() {
    Outcome outcome = vq("train", "--resume", directory.toString());
    assertEquals(2, outcome.code());
    assertEquals(
        "vq train: resume must be the directory of a run that has saved a checkpoint, got "
            + directory
            + System.lineSeparator(),
        outcome.err());
  }

  @Test
  void aRunThatIsStoppedTellsHowToGoOnAndDoes() {
    Path out = directory.resolve("run");
    Thread.currentThread().interrupt(); // as Ctrl-C does
    // A step an epoch, so that the figures are written out while the interrupt is pending.
    Outcome stopped = vq("train", "--out", out.toString(), "--epochs", "2", "--batch", "1437");
    assertEquals(130, stopped.code());
    assertTrue(
        stopped
            .err()
            .endsWith(
                "stopped after step 1 of 2 and saved; ./vq train --resume "
                    + out
                    + " goes on"
                    + System.lineSeparator()),
        stopped::err);
    Outcome mixed = vq("train", "--resume", out.toString(), "--batch", "9");
    assertEquals(2, mixed.code());
    assertEquals(
        "vq train: --resume takes the options of its run, so leave out --batch; vq train --help"
            + " tells what it takes"
            + System.lineSeparator(),
        mixed.err());
    Outcome resumed = vq("train", "--resume", out.toString());
    assertEquals(0, resumed.code(), resumed::err);
    assertTrue(Files.isDirectory(out.resolve("model")));

    Outcome ended = vq("train", "--resume", out.toString());
    assertEquals(2, ended.code());
    assertTrue(ended.err().contains("more epochs than its 2"), ended::err);
    Outcome noMore = vq("train", "--resume", out.toString(), "--epochs", "2");
    assertEquals(2, noMore.code());
    assertEquals(
        "vq train: epochs must be more than the 2 of the run, got 2" + System.lineSeparator(),
        noMore.err());
    Outcome more = vq("train", "--resume", out.toString(), "--epochs", "3");
    assertEquals(0, more.code(), more::err);
    assertTrue(more.err().contains("epoch 3, step 3 of 3"), more::err);
  }

  @Test
  void aTrainingStartsFromARun() {
    Path first = directory.resolve("first");
    assertEquals(
        0, vq("train", "-q", "--epochs", "1", "--codes", "8", "--out", first.toString()).code());
    Outcome next = vq("train", "--init-from", first.toString(), "--epochs", "1", "--out", out("b"));
    assertEquals(0, next.code(), next::err);
    assertTrue(next.err().contains("settings: codes 8 (fits, in place of 64)"), next::err);
    Outcome faults =
        vq(
            "train",
            "--init-from",
            first.toString(),
            "--codes",
            "9",
            "--width",
            "4",
            "--out",
            out("c"));
    assertEquals(2, faults.code());
    assertTrue(faults.err().contains("codebook [9, 4], got [8, 16]"), faults::err);
    assertTrue(faults.err().contains("encoder-2-bias [4], got [16]"), faults::err);
    assertEquals(2, vq("train", "--init-from", first.toString(), "--init", "batch").code());
    assertEquals(2, vq("train", "--task", "classify", "--init-from", first.toString()).code());
  }

  @Test
  void aDirectoryInUseIsLeftAlone() throws IOException {
    Files.writeString(directory.resolve("mine"), "mine");
    Outcome outcome = vq("train", "--out", directory.toString());
    assertEquals(2, outcome.code());
    assertEquals(
        "vq train: out must be a directory that does not exist yet or is empty, got "
            + directory
            + System.lineSeparator(),
        outcome.err());
  }

  @Test
  void aPlaceThatCannotBeWrittenEndsWithOneAndOneLine() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "no directory");
    Outcome outcome = vq("train", "--out", file.resolve("run").toString());
    assertEquals(1, outcome.code());
    assertTrue(outcome.err().startsWith("vq train: cannot read or write " + file), outcome::err);
    assertEquals(1, outcome.err().lines().count());
  }

  @Test
  void trainsAndTellsWhatCameOfIt() {
    Path out = directory.resolve("run");
    Outcome outcome =
        vq("train", "--out", out.toString(), "--epochs", "2", "--codes", "32", "--width", "4");
    assertEquals(0, outcome.code(), outcome::err);
    List<String> rows = outcome.out().lines().toList();
    assertTrue(rows.get(0).matches("test images, mean squared error +0\\.\\d{5}"), rows::toString);
    assertTrue(rows.get(2).matches("codes used +\\d+ of 32"), rows::toString);
    assertTrue(
        rows.get(6).matches("saved model loaded again differs by +0\\.0e\\+00"), rows::toString);
    assertTrue(Files.isDirectory(out.resolve("model")));

    List<String> lines = outcome.err().lines().toList();
    assertEquals(6, lines.size(), outcome::err);
    assertEquals("data: 1437 images to train on, 360 to test with, 8 x 8", lines.get(0));
    assertTrue(
        lines.get(1).startsWith("settings: codes 32, width 4, splits 1, quantizer l2, "),
        lines::toString);
    assertTrue(
        lines
            .get(3)
            .matches(
                "epoch 2, step 46 of 46: loss [\\d.]+ mse 0\\.\\d+ used \\d+/32 perplexity [\\d.]+"
                    + " replaced \\d+"),
        lines::toString);
  }

  @Test
  void whatWasNotTypedFitsWhatWas() {
    Outcome four = vq("train", "--codes", "4", "--epochs", "1", "--out", out("four"));
    assertEquals(0, four.code(), four::err);
    assertTrue(four.err().contains("replace 4 (fits, in place of 16)"), four::err);
    Outcome cosine = vq("train", "--quantizer", "cosine", "--epochs", "1", "--out", out("cosine"));
    assertEquals(0, cosine.code(), cosine::err);
    assertTrue(cosine.err().contains("replace 0 (fits, in place of 16)"), cosine::err);
    Outcome typed = vq("train", "--codes", "4", "--replace", "16", "--out", out("typed"));
    assertEquals(2, typed.code());
    assertFalse(Files.exists(directory.resolve("typed")), "refused before anything is written");
  }

  private String out(String name) {
    return directory.resolve(name).toString();
  }

  @Test
  void examplesAreListedAndRun() {
    Outcome list = vq("example");
    assertEquals(0, list.code());
    assertTrue(list.out().contains("digits-clustering "), list::out);
    assertTrue(list.out().lines().allMatch(line -> line.matches("[a-z-]+ {2,}.+")), list::out);
    Outcome run = vq("example", "quickstart");
    assertEquals(0, run.code(), run::err);
    Outcome unknown = vq("example", "slowstart");
    assertEquals(2, unknown.code());
    assertTrue(
        unknown.err().startsWith("vq example: NAME must be one of quickstart, dead-codes"),
        unknown::err);
    assertTrue(unknown.err().contains(", got slowstart; "), unknown::err);
  }

  @Test
  void aModelIsInspected() {
    Path out = directory.resolve("run");
    assertEquals(0, vq("train", "--out", out.toString(), "--epochs", "1", "--codes", "32").code());
    Outcome inspected = vq("inspect", out.resolve("model").toString());
    assertEquals(0, inspected.code(), inspected::err);
    List<String> lines = inspected.out().lines().toList();
    assertTrue(
        lines.containsAll(List.of("signature decode", "signature encode", "signature reconstruct")),
        inspected::out);
    assertTrue(
        lines.stream().anyMatch(l -> l.matches("codebook +float32 +\\[32, 16] +512 +\\d+")),
        inspected::out);
    assertTrue(
        vq("inspect", out.resolve("model").toString(), "--no-values")
            .out()
            .lines()
            .anyMatch(l -> l.matches("codebook +float32 +\\[32, 16] +512")));
    assertTrue(
        lines.stream().anyMatch(l -> l.matches("checkpoint: \\d+ tensors, [\\d,]+ bytes")),
        inspected::out);
    List<String> listed =
        vq("inspect", out.resolve("model").toString(), "--no-values", "--checkpoint")
            .out()
            .lines()
            .toList();
    assertTrue(
        listed.stream().anyMatch(l -> l.matches("codebook +float32 +\\[32, 16] +2,048")),
        listed::toString);
    Path model = out.resolve("model");
    assertDoesNotThrow(
        () -> Files.write(model.resolve("variables/variables.index"), new byte[] {1, 2, 3}));
    assertEquals(0, vq("inspect", model.toString(), "--no-values").code(), "reads no checkpoint");
    assertEquals(2, vq("inspect", model.toString()).code());
    Outcome none = vq("inspect", directory.toString());
    assertEquals(2, none.code());
    assertEquals(
        "vq inspect: "
            + directory
            + " must be a folder with saved_model.pb"
            + System.lineSeparator(),
        none.err());
  }

  @Test
  void archivesArePackedInspectedAndUnpacked() throws IOException {
    Path npz = directory.resolve("a.npz");
    Path vqa = directory.resolve("a.vqa");
    Path back = directory.resolve("b.npz");
    float[] few = new float[1000];
    few[1] = 0.5f;
    var array = NumpyArray.of(NumpyType.FLOAT32, Shape.of(10, 100), few);
    NumpyFiles.write(npz, Map.of("kernel", array));
    Outcome packed = vq("archive", "pack", npz.toString(), vqa.toString());
    assertEquals(0, packed.code(), packed::err);
    List<String> rows = packed.out().lines().toList();
    assertTrue(
        rows.get(1).matches("kernel +\\[10, 100] +clustered +2 +\\d+ +4,000 +\\d+\\.\\d"),
        rows::toString);
    assertEquals(packed.out(), vq("archive", "inspect", vqa.toString()).out());
    assertEquals(0, vq("archive", "unpack", vqa.toString(), back.toString()).code());
    assertArrayEquals(
        few, Objects.requireNonNull(NumpyFiles.read(back, 1 << 20).get("kernel")).floats());

    Files.writeString(vqa, "no archive");
    Outcome refused = vq("archive", "inspect", vqa.toString());
    assertEquals(2, refused.code());
    assertEquals(
        "vq archive inspect: "
            + vqa
            + " must be a codebook archive, but its first bytes are not an archive's"
            + System.lineSeparator(),
        refused.err());
  }

  @Test
  void classifiersAreTrainedAndAttacked() {
    Path out = directory.resolve("run");
    Outcome outcome =
        vq("train", "--task", "classify", "--out", out.toString(), "--epochs", "1", "--seeds", "1");
    assertEquals(0, outcome.code(), outcome::err);
    List<String> rows = outcome.out().lines().toList();
    assertTrue(rows.get(0).matches("% in their class +plain +quantized +voted"), rows::toString);
    String range = " +\\d+\\.\\d \\(\\d+\\.\\d to \\d+\\.\\d\\)";
    assertTrue(rows.get(1).matches("clean" + range.repeat(3)), rows::toString);
    assertTrue(rows.get(5).matches("ε 0.2 transferred" + range.repeat(3)), rows::toString);
    assertTrue(Files.exists(out.resolve("similarity.png")));
    List<String> lines = outcome.err().lines().toList();
    assertEquals(23, lines.size(), outcome::err);
    assertTrue(
        lines.get(11).matches("seed 1, plain, step 23 of 23: loss \\d+\\.\\d{4}"), lines::toString);
  }

  @Test
  void classifiersThatAreStoppedLeaveNothingToGoOnFrom() {
    Thread.currentThread().interrupt();
    Outcome outcome =
        vq("train", "-q", "--task", "classify", "--out", directory.resolve("run").toString());
    assertEquals(130, outcome.code());
    assertEquals(
        "stopped in seed 1, plain; nothing is saved" + System.lineSeparator(), outcome.err());
  }

  @Test
  void aLossThatIsNoNumberEndsWithOneAndSaysWhatToDo() {
    Outcome outcome =
        vq(
            "train",
            "--out",
            directory.resolve("run").toString(),
            "--rate",
            "1e30",
            "--epochs",
            "1");
    assertEquals(1, outcome.code());
    assertFalse(outcome.err().contains("\tat "), "no stack trace");
    assertTrue(
        outcome.err().endsWith("try a lower rate or lower loss weights" + System.lineSeparator()),
        outcome::err);
  }

  @Test
  void theBenchmarksRun() {
    Outcome outcome = vq("bench", "--small", "--rounds", "1");
    assertEquals(0, outcome.code(), outcome::err);
    assertTrue(outcome.out().startsWith("on "), outcome::out);
    assertTrue(outcome.out().contains("multiplication alone"), outcome::out);
    Path file = directory.resolve("file");
    assertDoesNotThrow(() -> Files.write(file, new byte[1]));
    Outcome refused = vq("bench", "--small", "--rounds", "1", "--out", file.toString());
    assertEquals(2, refused.code());
    assertEquals("", refused.out(), "refused before anything is measured");
    assertEquals(
        "vq bench: --out must be a folder, got " + file + System.lineSeparator(), refused.err());
  }
}
