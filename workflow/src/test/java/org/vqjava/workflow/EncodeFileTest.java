/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;

/** Files of images into files of codes, and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncodeFileTest {
  private static final ProgressListener SILENT = new ProgressListener() {};

  private final Path directory;
  private final Path run;
  private final ImageSet test = Digits.test().images();
  private double testError;
  private int files;

  EncodeFileTest(@TempDir Path directory) {
    this.directory = directory;
    this.run = directory.resolve("run");
  }

  @BeforeAll
  void train() throws Exception {
    testError =
        TrainAutoencoder.run(
                new AutoencoderOptionsBuilder().epochs(2).codes(300).splits(2).build(),
                RunDirectory.create(run),
                new TrainingListener() {})
            .testError();
  }

  private Path next(String name) {
    return directory.resolve(++files + name);
  }

  private float[] pixels() {
    float[] pixels = new float[test.count() * 64];
    for (int i = 0; i < test.count(); i++) {
      System.arraycopy(test.image(i), 0, pixels, i * 64, 64);
    }
    return pixels;
  }

  private Path digits(Shape shape) throws Exception {
    Path file = next("digits.npy");
    NumpyFiles.write(file, NumpyArray.of(NumpyType.FLOAT32, shape, pixels()));
    return file;
  }

  private static NumpyArray read(Path file) throws Exception {
    return Objects.requireNonNull(NumpyFiles.read(file, 1 << 30).values().iterator().next());
  }

  /** Batches of 256 of 360 images; the shape without and with its one channel. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void theWayThereAndBackIsTheRunsOwnEvaluation(int rank) throws Exception {
    Path data = digits(rank == 3 ? Shape.of(360, 8, 8) : Shape.of(360, 8, 8, 1));
    Path codes = next("codes.npy");
    EncodingReport report = EncodeFile.run(run, data, Optional.empty(), codes, SILENT);
    assertEquals(Shape.of(360, 4, 4, 2), report.shape());
    assertEquals(NumpyType.UINT16, report.type(), "300 codes");
    assertEquals(300, report.codes().orElseThrow());
    NumpyArray written = read(codes);
    assertEquals(NumpyType.UINT16, written.type());
    assertEquals(report.shape(), written.shape());
    try (Codec codec = Codec.open(run)) {
      int[] expected = codec.encode(pixels());
      long[] got = written.longs();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], got[i]);
      }
    }
    Path decoded = next("decoded.npy");
    assertEquals(
        Shape.of(360, 8, 8, 1), DecodeFile.run(run.resolve("model"), codes, decoded, SILENT));
    float[] images = read(decoded).floats();
    float[] originals = pixels();
    double sum = 0;
    for (int i = 0; i < images.length; i++) {
      sum += Math.pow(images[i] - originals[i], 2);
    }
    assertEquals(testError, sum / images.length, 1e-7);
  }

  @Test
  void bytesAndIdxAreTakenForTheSamePixels() throws Exception {
    byte[] bytes = new byte[360 * 64];
    float[] pixels = pixels();
    long[] numbers = new long[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      numbers[i] = Math.round(255 * pixels[i]);
      bytes[i] = (byte) numbers[i];
    }
    Path npz = next("bytes.npz");
    NumpyFiles.write(
        npz,
        Map.of(
            "x", NumpyArray.of(NumpyType.UINT8, Shape.of(360, 8, 8), numbers),
            "y", NumpyArray.of(NumpyType.UINT8, Shape.of(1), new long[] {1})));
    Path idx = next("-idx3-ubyte");
    Files.write(
        idx,
        ByteBuffer.allocate(16 + bytes.length)
            .putInt(0x0803)
            .putInt(360)
            .putInt(8)
            .putInt(8)
            .put(bytes)
            .array());
    Path ofNpz = next("a.npy");
    Path ofIdx = next("b.npy");
    EncodeFile.run(run, npz, Optional.of("x"), ofNpz, SILENT);
    EncodeFile.run(run, idx, Optional.empty(), ofIdx, SILENT);
    assertArrayEquals(Files.readAllBytes(ofNpz), Files.readAllBytes(ofIdx));
    refused("array must tell which, got [", run, npz);
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> EncodeFile.run(run, npz, Optional.of("z"), next("z.npy"), SILENT))
                    .getMessage())
            .contains("array must be one of those of " + npz));
  }

  /** A model that was trained on numbers of any range takes the same, and gives them back. */
  @Test
  void numbersOfTheTrainingImagesRangeAreTakenAndGivenBack() throws Exception {
    Path data = next("signed.npy");
    float[] signed = pixels();
    for (int i = 0; i < signed.length; i++) {
      signed[i] = 6 * signed[i] - 3;
    }
    NumpyFiles.write(data, NumpyArray.of(NumpyType.FLOAT32, Shape.of(360, 8, 8), signed));
    Path own = next("run");
    TrainingReport report =
        TrainAutoencoder.run(
            new AutoencoderOptionsBuilder().epochs(3).data(data).build(),
            RunDirectory.create(own),
            new TrainingListener() {});
    Path codes = next("codes.npy");
    Path decoded = next("decoded.npy");
    EncodeFile.run(own, data, Optional.empty(), codes, SILENT);
    DecodeFile.run(own, codes, decoded, SILENT);
    float[] back = read(decoded).floats();
    double sum = 0;
    int count = 0;
    for (int i = 0; i < back.length; i++) {
      if (i / 64 % 5 == 4) { // the images that the run was tested with
        sum += Math.pow(back[i] - signed[i], 2);
        count++;
      }
    }
    assertEquals(72 * 64, count);
    assertEquals(36 * report.testError(), sum / count, 1e-5);
  }

  @Test
  void whatDoesNotFitIsToldBeforeAnythingRuns() throws Exception {
    Path data = digits(Shape.of(360, 8, 8));
    Path wide = digits(Shape.of(90, 16, 16));
    refused("data must be of shape [N, 8, 8, 1], as the model takes, got " + wide, run, wide);
    Path flat = digits(Shape.of(360, 64));
    refused("data must be of shape [N, 8, 8, 1], as the model takes", run, flat);
    refused("data must be a file or folder that exists", run, directory.resolve("absent"));
    refused("model must be the folder of a run", directory.resolve("absent"), data);
    refused(", which is a file", data, data);
    refused("with events.out", withoutModel(), data);
    Path codes = next("codes.npy");
    EncodeFile.run(run, data, Optional.empty(), codes, SILENT);
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> EncodeFile.run(run, data, Optional.empty(), codes, SILENT))
                    .getMessage())
            .startsWith("out must be a file that does not exist yet"));
    assertTrue(
        String.valueOf(
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                            EncodeFile.run(run, data, Optional.empty(), next("codes.txt"), SILENT))
                    .getMessage())
            .startsWith("out must end in .npy"));
    refusedCodes("codes must be of shape [N, 4, 4, 2], as the model takes", data);
    Path high = next("high.npy");
    NumpyFiles.write(
        high,
        NumpyArray.of(
            NumpyType.INT32,
            Shape.of(1, 4, 4, 2),
            new int[] {
              0, 1, 300, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
              0, 0, 0, 0
            }));
    refusedCodes("whole numbers from 0 to 299, got 300", high);
    Path fractions = next("fractions.npy");
    NumpyFiles.write(
        fractions, NumpyArray.of(NumpyType.FLOAT32, Shape.of(1, 4, 4, 2), new float[32]));
    refusedCodes("codes must be whole numbers, got", fractions);
  }

  private Path withoutModel() throws Exception {
    Path folder = Files.createDirectories(next("stopped"));
    Files.writeString(folder.resolve("events.out.tfevents.1"), "");
    return folder;
  }

  private void refused(String part, Path model, Path data) {
    Path out = next("out.npy");
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> EncodeFile.run(model, data, Optional.empty(), out, SILENT))
                .getMessage());
    assertTrue(message.contains(part), message);
    assertFalse(Files.exists(out));
  }

  private void refusedCodes(String part, Path codes) throws Exception {
    Path out = next("out.npy");
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> DecodeFile.run(run, codes, out, SILENT))
                .getMessage());
    assertTrue(message.contains(part), message);
    try (Stream<Path> left = Files.list(directory)) {
      assertTrue(left.noneMatch(f -> f.toString().startsWith(out.toString())), "nothing is left");
    }
  }

  @Test
  void noImagesBecomeNoCodes() throws Exception {
    Path none = next("none.npy");
    NumpyFiles.write(none, NumpyArray.of(NumpyType.UINT8, Shape.of(0, 8, 8), new int[0]));
    Path codes = next("codes.npy");
    assertEquals(
        Shape.of(0, 4, 4, 2), EncodeFile.run(run, none, Optional.empty(), codes, SILENT).shape());
    assertEquals(Shape.of(0, 8, 8, 1), DecodeFile.run(run, codes, next("decoded.npy"), SILENT));
  }

  @Test
  void anInterruptLeavesNothing() throws Exception {
    Path data = digits(Shape.of(360, 8, 8));
    Path codes = next("codes.npy");
    EncodeFile.run(run, data, Optional.empty(), codes, SILENT);
    Path out = next("out.npy");
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class, () -> EncodeFile.run(run, data, Optional.empty(), out, SILENT));
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> DecodeFile.run(run, codes, out, SILENT));
    assertFalse(Files.exists(out));
  }
}
