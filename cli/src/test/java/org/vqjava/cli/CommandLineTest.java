/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vqjava.cli.Outcome.vq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;
import picocli.CommandLine;

/** What all commands have in common: help, hints, quiet, JSON. */
class CommandLineTest {
  private final Path directory;

  CommandLineTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void aloneItPrintsItsHelp() {
    assertEquals(vq("--help"), vq());
    assertEquals(0, vq().code());
    assertEquals(vq("archive", "--help"), vq("archive"));
  }

  @Test
  void helpIsACommandToo() {
    assertEquals(vq("--help").out(), vq("help").out());
    for (String command : Vq.commandLine().getSubcommands().keySet()) {
      assertEquals(vq(command, "--help").out(), vq("help", command).out(), command);
    }
    assertTrue(vq("--help").out().contains("130   it was stopped by Ctrl-C"), vq("--help")::out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trian                  | did you mean train",
        "inspct                 | did you mean inspect",
        "help trian             | did you mean train",
        "archive inspekt        | did you mean inspect",
        "train --epcohs 3       | did you mean --epochs?",
        "train --epcohs=3       | did you mean --epochs?",
        "train --code=3         | --codes",
        "cluster --cluster 3    | --clusters",
        "inspect --jsn m        | did you mean --json?",
        "dashboard --prot 3     | did you mean --port?",
        "train --qauntizer l1   | did you mean --quantizer?",
        "archive pack --hlaf a b | did you mean --half?",
      })
  void whatIsMistypedGetsAHint(String arguments, String hint) {
    Outcome outcome = vq(arguments.split(" "));
    assertEquals(2, outcome.code());
    assertTrue(outcome.err().contains(hint), outcome::err);
    assertEquals(1, outcome.err().lines().count(), outcome::err);
    assertEquals("", outcome.out());
  }

  @Test
  void slipsAreCounted() {
    assertEquals(0, Hint.slips("--codes", "--codes"));
    assertEquals(1, Hint.slips("--code", "--codes"));
    assertEquals(1, Hint.slips("--coeds", "--codes"));
    assertEquals(1, Hint.slips("--codex", "--codes"));
    assertEquals(5, Hint.slips("", "--abc"));
  }

  @Test
  void whatIsLikeNothingGetsNone() {
    Outcome outcome = vq("train", "--zzz");
    assertEquals(
        "vq train: Unknown option: '--zzz'; vq train --help tells what it takes"
            + System.lineSeparator(),
        outcome.err());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs bash")
  void completionIsAScriptOfBash() throws Exception {
    Outcome script = vq("generate-completion");
    assertEquals(0, script.code());
    Path file = Files.writeString(directory.resolve("completion"), script.out());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                ". \"$0\"; COMP_WORDS=(vq train --epo); COMP_CWORD=2; _complete_vq 2>/dev/null;"
                    + " echo \"${COMPREPLY[@]}\"",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String completed =
        new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals("--epochs", completed);
  }

  @Test
  void quietPrintsNoProgress() {
    Outcome trained =
        vq("train", "-q", "--epochs", "1", "--out", directory.resolve("run").toString());
    assertEquals(0, trained.code());
    assertEquals("", trained.err());
    assertTrue(trained.out().contains("perplexity"), trained::out);
    Outcome bench = vq("bench", "--small", "--rounds", "1", "--quiet");
    assertEquals(0, bench.code());
    assertEquals("", bench.err());
    Outcome example = vq("example", "quickstart", "-q");
    assertEquals("", example.err());
  }

  /** A command that has lines in place of a bar has quiet too. */
  @Test
  void everyCommandThatShowsProgressCanBeQuiet() {
    for (Map.Entry<String, CommandLine> command : Vq.commandLine().getSubcommands().entrySet()) {
      var options = command.getValue().getCommandSpec().optionsMap();
      assertEquals(
          options.containsKey("--plain"),
          options.containsKey("--plain") && options.containsKey("-q"),
          command.getKey());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-values", "--checkpoint", ""})
  void inspectPrintsOneObject(String option) throws IOException {
    Path run = directory.resolve("run");
    assertEquals(0, vq("train", "-q", "--epochs", "1", "--out", run.toString()).code());
    Path model = run.resolve("model");
    Outcome outcome =
        option.isEmpty()
            ? vq("inspect", model.toString(), "--json")
            : vq("inspect", model.toString(), "--json", option);
    assertEquals(0, outcome.code(), outcome::err);
    JsonNode root = read(outcome.out());
    assertEquals(model.toString(), root.get("model").textValue());
    JsonNode decode = root.get("signatures").get(0);
    assertEquals("decode", decode.get("name").textValue());
    assertEquals("[-1,4,4]", decode.get("inputs").get(0).get("shape").toString());
    assertTrue(decode.get("operations").size() > 3);
    JsonNode codebook = root.get("variables").get(0);
    assertEquals("codebook", codebook.get("name").textValue());
    assertEquals("[64,16]", codebook.get("shape").toString());
    boolean values = !option.equals("--no-values");
    assertEquals(values, codebook.get("different").isInt());
    assertEquals(values, root.get("checkpoint").isObject());
    assertEquals(option.equals("--checkpoint"), root.get("checkpoint").path("entries").size() > 0);
  }

  @Test
  void archiveInspectPrintsOneObject() throws IOException {
    Path npz = directory.resolve("a.npz");
    Path archive = directory.resolve("a.vqa");
    NumpyFiles.write(
        npz,
        Map.of("kernel", NumpyArray.of(NumpyType.FLOAT32, Shape.of(10, 100), new float[1000])));
    assertEquals(0, vq("archive", "pack", npz.toString(), archive.toString()).code());
    JsonNode root = read(vq("archive", "inspect", archive.toString(), "--json").out());
    JsonNode tensor = root.get("tensors").get(0);
    assertEquals("kernel", tensor.get("name").textValue());
    assertEquals("[10,100]", tensor.get("shape").toString());
    assertEquals(4000, tensor.get("float32Bytes").intValue());
    assertEquals(Files.size(archive), root.get("storedBytes").longValue());
  }

  @Test
  void filesAreEncodedAndDecoded() throws IOException {
    Path run = directory.resolve("run");
    assertEquals(0, vq("train", "-q", "--epochs", "1", "--out", run.toString()).code());
    Path data = directory.resolve("data.npy");
    NumpyFiles.write(data, NumpyArray.of(NumpyType.UINT8, Shape.of(300, 8, 8), new int[300 * 64]));
    Path codes = directory.resolve("codes.npy");
    Outcome encoded =
        vq("encode", run.toString(), data.toString(), "--out", codes.toString(), "--json");
    assertEquals(0, encoded.code(), encoded::err);
    assertTrue(encoded.err().contains("encoding, step 2 of 2: 300 of 300"), encoded::err);
    JsonNode root = read(encoded.out());
    assertEquals("[300,4,4]", root.get("shape").toString());
    assertEquals("uint8", root.get("type").textValue());
    assertEquals(64, root.get("codebook").intValue());
    assertEquals(codes.toString(), root.get("codes").textValue());
    assertTrue(root.get("used").intValue() >= 1);
    Path back = directory.resolve("back.npy");
    Outcome decoded =
        vq("decode", "-q", run.toString(), codes.toString(), "--out", back.toString());
    assertEquals(0, decoded.code(), decoded::err);
    assertEquals("", decoded.err());
    assertEquals("[300, 8, 8, 1] of float32 in " + back, decoded.out().strip());
    Path text = directory.resolve("text.npy");
    Outcome table = vq("encode", "-q", run.toString(), data.toString(), "--out", text.toString());
    assertTrue(table.out().contains("codes used  "), table::out);
    Outcome again = vq("encode", run.toString(), data.toString(), "--out", text.toString());
    assertEquals(2, again.code());
    assertTrue(again.err().startsWith("vq encode: out must be a file that does not exist yet"));
    assertEquals(1, again.err().lines().count());
    Outcome wrong = vq("decode", run.toString(), data.toString(), "--out", back + ".npy");
    assertEquals(2, wrong.code());
    assertTrue(
        wrong.err().startsWith("vq decode: codes must be of shape [N, 4, 4], as the model takes"),
        wrong::err);
    Thread.currentThread().interrupt();
    Outcome stopped = vq("encode", run.toString(), data.toString(), "--out", back + ".npy");
    assertEquals(130, stopped.code());
  }

  @Test
  void whatFailsPrintsNoObject() {
    Outcome outcome = vq("inspect", directory.toString(), "--json");
    assertEquals(2, outcome.code());
    assertEquals("", outcome.out());
  }

  private static JsonNode read(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }
}
