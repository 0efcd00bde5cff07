/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody chose fits what was chosen, and the images; only what was chosen is refused. */
class AdaptingDefaultsTest {
  private final Path directory;
  private final Map<String, Object> settled = new TreeMap<>();

  AdaptingDefaultsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** IDX files of images of a size, each pixel another unless they are constant; 2 classes. */
  private Path data(int count, int height, int width, boolean constant) throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    ByteBuffer images = ByteBuffer.allocate(16 + count * height * width);
    images.putInt(0x0803).putInt(count).putInt(height).putInt(width);
    for (int i = 0; images.hasRemaining(); i++) {
      images.put((byte) (constant ? 7 : i * 37 + i / 5));
    }
    ByteBuffer labels = ByteBuffer.allocate(8 + count);
    labels.putInt(0x0801).putInt(count);
    for (int i = 0; i < count; i++) {
      labels.put((byte) (i % 2));
    }
    for (String part : new String[] {"train", "t10k"}) {
      Files.write(data.resolve(part + "-images-idx3-ubyte"), images.array());
      Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.array());
    }
    return data;
  }

  private TrainingReport train(AutoencoderOptionsBuilder chosen) throws Exception {
    return TrainAutoencoder.run(
        chosen.epochs(1),
        MonitoringOptions.defaults(),
        RunDirectory.createNext(directory, "run"),
        new TrainingListener() {
          @Override
          public void settled(Map<String, Object> options, String images) {
            settled.putAll(options);
          }
        });
  }

  private ClassifierReport classify(ClassifierOptionsBuilder chosen) throws Exception {
    return TrainClassifier.run(
        chosen.epochs(1).seeds(1),
        RunDirectory.createNext(directory, "run"),
        new ProgressListener() {
          @Override
          public void settled(Map<String, Object> options, String images) {
            settled.putAll(options);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 15, 17, 1000})
  void noMoreCodesAreReplacedThanThereAre(int codes) {
    assertEquals(
        Math.min(codes, 16), new AutoencoderOptionsBuilder().codes(codes).build().replaced());
    assertEquals(
        Math.min(codes, 16),
        AutoencoderOptions.defaults().toBuilder().codes(codes).build().replaced());
  }

  @Test
  void theRestFitsWhatIsChosen() {
    assertEquals(0, new AutoencoderOptionsBuilder().quantizer(Quantizer.COSINE).build().replaced());
    assertEquals(40, new AutoencoderOptionsBuilder().pca(40).build().width());
    assertEquals(16, new AutoencoderOptionsBuilder().pca(3).build().width());
    assertEquals(100, new AutoencoderOptionsBuilder().replaced(100).build().codes());
    assertEquals(64, new AutoencoderOptionsBuilder().replaced(3).build().codes());
  }

  @Test
  void whatIsChosenIsNeverChanged() {
    refused("replace must be at most the number of codes 4, got 5", b().codes(4).replaced(5));
    refused("pca must be at most the width 4, got 5", b().width(4).pca(5));
    refused(
        "replace must be 0 for the quantizer cosine, which replaces no codes, got 1",
        b().quantizer(Quantizer.COSINE).replaced(1));
  }

  private static AutoencoderOptionsBuilder b() {
    return new AutoencoderOptionsBuilder();
  }

  private static void refused(String message, AutoencoderOptionsBuilder chosen) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, chosen::build).getMessage());
  }

  static Stream<Arguments> tiny() {
    return Stream.of(
        Arguments.of(1, 1, 1, false),
        Arguments.of(1, 8, 8, false),
        Arguments.of(2, 1, 1, false),
        Arguments.of(2, 3, 5, false),
        Arguments.of(3, 1, 6, false),
        Arguments.of(5, 7, 2, false),
        Arguments.of(5, 4, 4, true),
        Arguments.of(1, 1, 1, true));
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void tinySetsAreTrained(int count, int height, int width, boolean constant) throws Exception {
    TrainingReport report = train(b().data(data(count, height, width, constant)));
    int pieces = count * ((height + 1) / 2) * ((width + 1) / 2);
    assertEquals(Math.min(64, pieces), report.options().codes());
    assertEquals(Math.min(16, pieces), report.options().replaced());
    assertEquals(report.options().codes(), settled.get("codes"));
    assertTrue(Double.isFinite(report.testError()), () -> "error " + report.testError());
  }

  @ParameterizedTest
  @EnumSource
  void everyQuantizerTrainsOnOneImage(Quantizer quantizer) throws Exception {
    TrainingReport report = train(b().quantizer(quantizer).data(data(1, 6, 6, false)));
    assertEquals(9, report.options().codes());
    assertEquals(quantizer.isCosine() ? 0 : 9, report.options().replaced());
  }

  @ParameterizedTest
  @EnumSource
  void everyStartTrainsOnOneImage(CodebookStart start) throws Exception {
    TrainingReport report = train(b().start(start).data(data(1, 6, 6, false)));
    assertEquals(start, report.options().start());
    assertEquals(start.needsAPieceForEachCode() ? 9 : 64, report.options().codes());
  }

  @Test
  void moreCodesThanTheImagesHaveVectorsStartWithNoise() throws Exception {
    Path data = data(1, 6, 6, false);
    TrainingReport report = train(b().codes(20).data(data));
    assertEquals(CodebookStart.BATCH_WITH_JITTER, report.options().start());
    assertEquals(20, report.options().codes());
    assertEquals(30, train(b().replaced(30).data(data)).options().codes());
    assertEquals(
        "codes must be at most the 9 latent vectors that they start from, got 20",
        assertThrows(
                IllegalArgumentException.class,
                () -> train(b().codes(20).start(CodebookStart.BATCH).data(data)))
            .getMessage());
  }

  /** More components than the codebook has directions, pieces of one number, a batch of all. */
  @ParameterizedTest
  @CsvSource({"1, 16, 1, 7", "2, 40, 1, 1", "3, 1, 4, 1", "4, 2, 2, 100", "1, 1, 1, 1000"})
  void everythingFitsEverything(int codes, int pca, int splits, int batch) throws Exception {
    for (Quantizer quantizer : Quantizer.values()) {
      TrainingReport report =
          train(
              b().codes(codes)
                  .pca(pca)
                  .splits(splits)
                  .batch(batch)
                  .quantizer(quantizer)
                  .data(data(3, 4, 4, false)));
      assertEquals(codes, report.usage().codes());
      assertTrue(Double.isFinite(report.testError()), () -> quantizer + " " + report.testError());
    }
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void tinySetsAreClassified(int count, int height, int width, boolean constant) throws Exception {
    ClassifierReport report =
        classify(new ClassifierOptionsBuilder().data(data(count, height, width, constant)));
    int classes = Math.min(2, count);
    int fewest = Math.max(1, count / 2);
    assertEquals(fewest, report.options().examples());
    assertEquals(Math.min(5, fewest * classes), report.options().neighbours());
    assertEquals(Math.min(64, count), report.options().codes());
    assertEquals(report.options().codes(), settled.get("codes"));
    assertTrue(report.accuracies().stream().allMatch(a -> a.value() >= 0 && a.value() <= 1));
  }

  @Test
  void onlyWhatIsChosenIsRefusedOfAClassifier() throws Exception {
    Path data = data(30, 4, 4, false);
    assertEquals(
        15,
        classify(new ClassifierOptionsBuilder().neighbours(30).data(data)).options().examples());
    assertEquals(
        "neighbours must be at most the 30 labelled codes, got 31",
        assertThrows(
                IllegalArgumentException.class,
                () -> classify(new ClassifierOptionsBuilder().neighbours(31).data(data)))
            .getMessage());
    assertEquals(
        "codes must be at most the 30 images that they start from, got 31",
        assertThrows(
                IllegalArgumentException.class,
                () -> classify(new ClassifierOptionsBuilder().codes(31).data(data)))
            .getMessage());
  }
}
