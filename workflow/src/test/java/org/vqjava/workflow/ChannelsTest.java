/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;

/** Images of any number of channels: network, pictures, signatures, encoding, resuming. */
class ChannelsTest {
  private final Path directory;

  ChannelsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path data(NumpyType type, double low, double high, int... row) throws IOException {
    long[] sizes = new long[row.length + 1];
    sizes[0] = 20;
    for (int i = 0; i < row.length; i++) {
      sizes[i + 1] = row[i];
    }
    Random random = new Random(1);
    double[] numbers = random.doubles(Shape.of(sizes).size(), low, high).map(Math::rint).toArray();
    numbers[0] = low;
    numbers[1] = high;
    double[] labels = new double[20];
    for (int i = 0; i < 20; i++) {
      labels[i] = i % 2;
    }
    Path file = directory.resolve("data.npz");
    NumpyFiles.write(
        file,
        Map.of(
            "images", NumpyArray.of(type, Shape.of(sizes), numbers),
            "labels", NumpyArray.of(NumpyType.UINT8, Shape.of(20, 1), labels)));
    return file;
  }

  private static AutoencoderOptionsBuilder few(Path data) {
    return new AutoencoderOptionsBuilder().epochs(2).codes(8).width(4).data(data);
  }

  private TrainingReport train(AutoencoderOptionsBuilder chosen, Path run) throws Exception {
    return TrainAutoencoder.run(
        chosen, MonitoringOptions.defaults(), RunDirectory.create(run), new TrainingListener() {});
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  void anyNumberIsTrainedDrawnSavedEncodedAndResumed(int channels) throws Exception {
    Path data = data(NumpyType.UINT8, 0, 255, 5, 6, channels);
    Path run = directory.resolve("run");
    TrainingReport report = train(few(data), run);
    assertTrue(Double.isFinite(report.testError()));
    try (SavedModelBundle model = SavedModelBundle.load(run.resolve("model").toString())) {
      assertEquals(
          "[-1, 5, 6, " + channels + "]",
          Objects.requireNonNull(model.function("encode").signature().getInputs().get("images"))
              .shape
              .toString());
    }
    BufferedImage drawn = ImageIO.read(run.resolve("reconstructions.png").toFile());
    boolean coloured = false;
    for (int x = 0; x < drawn.getWidth(); x++) {
      int rgb = drawn.getRGB(x, drawn.getHeight() / 4);
      coloured |= Math.abs((rgb >> 16 & 0xFF) - (rgb & 0xFF)) > 8;
    }
    assertEquals(channels >= 3, coloured);

    Path codes = directory.resolve("codes.npy");
    EncodingReport encoded =
        EncodeFile.run(run, data, Optional.of("images"), codes, new ProgressListener() {});
    assertEquals(Shape.of(20, 3, 3), encoded.shape());
    TrainingReport resumed = TrainAutoencoder.resume(run, 3, new TrainingListener() {});
    TrainingReport straight = train(few(data).epochs(3), directory.resolve("straight"));
    assertEquals(straight.testError(), resumed.testError());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5})
  void anyNumberIsClassified(int channels) throws Exception {
    ClassifierReport report =
        TrainClassifier.run(
            new ClassifierOptionsBuilder()
                .epochs(1)
                .seeds(1)
                .data(data(NumpyType.FLOAT32, 0, 255, 5, 3, channels)),
            RunDirectory.create(directory.resolve("run")),
            new ProgressListener() {});
    assertEquals(8, report.options().examples());
    assertTrue(Files.exists(directory.resolve("run/similarity.png")));
  }

  @Test
  void aTrainingStartsFromARunAndTakesItsSizes() throws Exception {
    Path data = data(NumpyType.UINT8, 0, 255, 6, 6, 3);
    Path run = directory.resolve("run");
    train(few(data).splits(2).quantizer(Quantizer.COSINE), run);
    Path model = run.resolve("model");
    for (Path from : new Path[] {run, model}) {
      Path next = directory.resolve("from" + from.getFileName());
      TrainingReport report =
          train(
              new AutoencoderOptionsBuilder().data(data).initFrom(from).epochs(1).rate(1e-9), next);
      assertEquals(8, report.options().codes());
      assertEquals(4, report.options().width());
      assertEquals(2, report.options().splits());
      assertEquals(Quantizer.COSINE, report.options().quantizer());
      assertTrue(
          Files.readString(next.resolve("report.json")).contains("\"init-from\""),
          "where it came from");
      // Nearly no learning: it is the model that it started from.
      try (Codec before = Codec.open(run);
          Codec after = Codec.open(next)) {
        float[] image = new float[6 * 6 * 3];
        float[] one = before.decode(before.encode(image));
        float[] other = after.decode(after.encode(image));
        for (int i = 0; i < one.length; i++) {
          assertEquals(one[i], other[i], 1e-4f);
        }
      }
    }
  }

  @Test
  void whatDoesNotFitIsToldAtOnce() throws Exception {
    Path run = directory.resolve("run");
    train(few(data(NumpyType.UINT8, 0, 255, 6, 6, 3)), run);
    Path grey = data(NumpyType.UINT8, 0, 255, 6, 6);
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        train(
                            new AutoencoderOptionsBuilder().data(grey).initFrom(run).codes(16),
                            directory.resolve("other")))
                .getMessage());
    assertTrue(message.startsWith("init-from must be a model whose weights fit"), message);
    for (String fault :
        new String[] {
          "encoder-1-kernel [4, 4, 1, 32], got [4, 4, 3, 32]",
          "decoder-2-kernel [4, 4, 1, 32], got [4, 4, 3, 32]",
          "decoder-2-bias [1], got [3]",
          "codebook [16, 4], got [8, 4]"
        }) {
      assertTrue(message.contains(fault), message);
    }
    String none =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        train(
                            new AutoencoderOptionsBuilder().initFrom(directory.resolve("absent")),
                            directory.resolve("none")))
                .getMessage());
    assertTrue(none.endsWith("which does not exist"), none);
  }
}
