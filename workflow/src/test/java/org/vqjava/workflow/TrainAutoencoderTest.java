/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.SearchMode;

/** The whole job; trainings are short, as what they come to in full length is in the guide. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainAutoencoderTest {
  private static final int STEPS_AN_EPOCH = 23;

  /** Remembers what it heard. */
  private static final class Recording implements TrainingListener {
    final List<Integer> started = new ArrayList<>();
    final List<TrainingProgress> steps = new ArrayList<>();
    final List<String> finishing = new ArrayList<>();

    @Override
    public void started(int all) {
      started.add(all);
    }

    @Override
    public void stepped(TrainingProgress progress) {
      steps.add(progress);
    }

    @Override
    public void finishing(String what) {
      finishing.add(what);
    }
  }

  private final Path runs;
  private final Recording heard = new Recording();
  private final TrainingReport report;

  TrainAutoencoderTest(@TempDir Path runs) throws Exception {
    this.runs = runs;
    this.report = TrainAutoencoder.run(options(2, 3), next(), heard);
  }

  private RunDirectory next() throws Exception {
    return RunDirectory.createNext(runs, "run");
  }

  private static AutoencoderOptions options(int epochs, long seed) {
    return options(
        Quantizer.L2, SearchMode.FAST, CodebookStart.K_MEANS_PLUS_PLUS, 1, 1e-3, epochs, seed);
  }

  private static AutoencoderOptions options(
      Quantizer quantizer,
      SearchMode mode,
      CodebookStart start,
      int splits,
      double rate,
      int epochs,
      long seed) {
    return new AutoencoderOptions(
        32,
        8,
        splits,
        quantizer,
        mode,
        0,
        start,
        1,
        1e-4,
        1e-6,
        1,
        quantizer.isCosine() ? 0 : 8,
        7,
        epochs,
        64,
        rate,
        seed,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void leavesEverythingThatItSays() throws Exception {
    Path directory = report.directory();
    assertTrue(Files.isRegularFile(directory.resolve("model/saved_model.pb")));
    for (String name : List.of("reconstructions.png", "codebook.png")) {
      assertTrue(
          Objects.requireNonNull(ImageIO.read(directory.resolve(name).toFile())).getWidth() > 100);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(
          List.of(
              "bottleneck.codes.tsv",
              "bottleneck.usage.tsv",
              "checkpoints",
              "codebook.png",
              "events.out.tfevents",
              "model",
              "projector_config.pbtxt",
              "reconstructions.png",
              "report.json",
              "snapshots.vql"),
          files
              .map(f -> String.valueOf(f.getFileName()).replaceFirst("(tfevents).*", "$1"))
              .sorted()
              .toList());
    }
  }

  @Test
  void writesTheFiguresThatItReturns() throws Exception {
    JsonNode json = new ObjectMapper().readTree(report.directory().resolve("report.json").toFile());
    assertEquals(report.testError(), json.get("testMeanSquaredError").doubleValue());
    assertEquals(report.meanImageError(), json.get("meanImageMeanSquaredError").doubleValue());
    assertEquals(report.usage().used(), json.get("codesUsed").intValue());
    assertEquals(report.usage().perplexity(), json.get("perplexity").doubleValue());
    assertEquals(report.replaced(), json.get("codesReplaced").longValue());
    assertEquals(2 * STEPS_AN_EPOCH, json.get("steps").intValue());
    assertEquals(32, json.get("options").get("codes").intValue());
    assertEquals("l2", json.get("options").get("quantizer").textValue());
  }

  @Test
  void tellsTheListenerEachStep() {
    assertEquals(List.of(2 * STEPS_AN_EPOCH), heard.started);
    assertEquals(
        IntStream.rangeClosed(1, 2 * STEPS_AN_EPOCH).boxed().toList(),
        heard.steps.stream().map(TrainingProgress::step).toList());
    assertEquals(
        List.of(STEPS_AN_EPOCH, 2 * STEPS_AN_EPOCH),
        heard.steps.stream()
            .filter(TrainingProgress::endOfEpoch)
            .map(TrainingProgress::step)
            .toList());
    TrainingProgress last = heard.steps.get(heard.steps.size() - 1);
    assertEquals(report.replaced(), last.replaced());
    assertEquals(2, last.epoch());
    assertEquals(1437 * 16, last.usage().accesses(), "an epoch's positions");
    assertEquals(2, heard.finishing.size());
  }

  @Test
  void learns() throws Exception {
    TrainingReport longer = TrainAutoencoder.run(options(10, 3), next(), new TrainingListener() {});
    assertTrue(report.testError() < report.meanImageError() * 1.5, report::toString);
    assertTrue(longer.testError() < 0.4 * report.meanImageError(), longer::toString);
    assertTrue(longer.testError() < 0.5 * report.testError(), longer::toString);
    assertTrue(longer.usage().used() >= 28, longer::toString);
  }

  @Test
  void theSameSeedGivesTheSameBitsAndAnotherOneOthers() throws Exception {
    TrainingReport again = TrainAutoencoder.run(options(2, 3), next(), new Recording());
    assertEquals(report.testError(), again.testError());
    assertEquals(report.usage(), again.usage());
    for (String picture : List.of("reconstructions.png", "codebook.png")) {
      assertArrayEquals(
          Files.readAllBytes(report.directory().resolve(picture)),
          Files.readAllBytes(again.directory().resolve(picture)));
    }
    TrainingReport other = TrainAutoencoder.run(options(2, 4), next(), new Recording());
    assertNotEquals(report.testError(), other.testError());
  }

  @ParameterizedTest
  @CsvSource({"L1, FAST, 1", "LINF, FAST, 1", "L2, EXACT, 2", "COSINE, FAST, 1"})
  void everyQuantizerAndModeAndSplitsTrain(Quantizer quantizer, SearchMode mode, int splits)
      throws Exception {
    TrainingReport result =
        TrainAutoencoder.run(
            options(quantizer, mode, CodebookStart.K_MEANS_PLUS_PLUS, splits, 1e-3, 1, 1),
            next(),
            new Recording());
    assertEquals(360L * 16 * splits, result.usage().accesses());
    assertTrue(Double.isFinite(result.testError()));
  }

  @ParameterizedTest
  @EnumSource(CodebookStart.class)
  void everyStartTrains(CodebookStart start) throws Exception {
    TrainingReport result =
        TrainAutoencoder.run(
            options(Quantizer.L2, SearchMode.FAST, start, 1, 1e-3, 1, 1), next(), new Recording());
    assertEquals(0, result.reloadDifference());
  }

  @Test
  void theSavedModelEncodesAndDecodesAndHoldsNothingOfTheOptimizer() {
    Path model = report.directory().resolve(TrainingReport.MODEL);
    ImageSet test = Digits.test().images();
    try (AutoencoderModel loaded = AutoencoderModel.load(model)) {
      int[] indices = loaded.encode(test);
      assertEquals(360 * 16, indices.length);
      ImageSet decoded =
          loaded.decode(
              indices,
              Autoencoder.positions(options(2, 3), ImageFormat.ink(8, 8)),
              ImageFormat.ink(8, 8));
      assertEquals(0, loaded.reconstruct(test).largestDifference(decoded));
    }
    try (SavedModelBundle bundle = SavedModelBundle.load(model.toString());
        TFloat32 images = test.all()) {
      assertEquals(360, images.shape().get(0));
      List<String> variables = new ArrayList<>();
      bundle
          .graph()
          .operations()
          .forEachRemaining(
              op -> {
                if (op.type().equals("VariableV2")) {
                  variables.add(op.name());
                }
              });
      assertEquals(
          List.of(),
          variables.stream().filter(name -> name.matches(".*-(momentum|m|v|velocity)")).toList());
      assertTrue(variables.contains("codebook"), variables::toString);
    }
  }

  @Test
  void refusesMoreCodesThanThereAreVectorsToStartFrom() throws Exception {
    AutoencoderOptions many =
        new AutoencoderOptions(
            16_385,
            8,
            1,
            Quantizer.L2,
            SearchMode.FAST,
            0,
            CodebookStart.BATCH,
            1,
            0,
            0,
            1,
            0,
            1,
            1,
            64,
            1e-3,
            1,
            Optional.empty(),
            Optional.empty());
    RunDirectory directory = next();
    assertEquals(
        "codes must be at most the 16384 latent vectors that they start from, got 16385",
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainAutoencoder.run(many, directory, new Recording()))
            .getMessage());
  }

  @Test
  void aLossThatIsNoNumberEndsTheJobAndLeavesTheEvents() throws Exception {
    RunDirectory directory = next();
    AutoencoderOptions wild =
        options(Quantizer.L2, SearchMode.FAST, CodebookStart.BATCH, 1, 1e30, 1, 1);
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> TrainAutoencoder.run(wild, directory, new Recording()))
            .getMessage();
    assertTrue(
        String.valueOf(message)
            .matches(
                "the loss is (NaN|Infinity) at step \\d+: try a lower rate or lower loss weights"),
        message);
    try (Stream<Path> files = Files.list(directory.path())) {
      List<Path> left = files.sorted().toList();
      assertEquals(2, left.size(), left::toString);
      assertTrue(left.get(0).toString().contains("tfevents") && Files.size(left.get(0)) > 0);
      assertTrue(left.get(1).endsWith("snapshots.vql") && Files.size(left.get(1)) > 0);
    }
  }
}
