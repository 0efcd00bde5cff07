/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.PeerPython;

/** What Python's TensorFlow and TensorBoard make of a run. */
class PythonPeerTest {
  private static final AutoencoderOptions OPTIONS =
      new AutoencoderOptions(
          16,
          8,
          2,
          Quantizer.L2,
          SearchMode.FAST,
          0,
          CodebookStart.K_MEANS_PLUS_PLUS,
          1,
          1e-4,
          1e-6,
          1,
          4,
          7,
          2,
          64,
          1e-3,
          5,
          Optional.empty(),
          Optional.empty());

  private final Path scratch;

  PythonPeerTest(@TempDir Path scratch) {
    this.scratch = scratch;
  }

  @BeforeEach
  void pythonIsThere() {
    PeerPython.assumeThere();
  }

  @Test
  void runsTheSavedModelWithTheSameResultsAndReadsTheEvents() throws Exception {
    Path run = scratch.resolve("run");
    TrainAutoencoder.run(OPTIONS, RunDirectory.create(run), new TrainingListener() {});
    ImageSet test = Digits.test().images();
    Path images = scratch.resolve("images");
    ByteBuffer bytes =
        ByteBuffer.allocate(test.count() * test.imageSize() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < test.count(); i++) {
      for (float pixel : test.image(i)) {
        bytes.putFloat(pixel);
      }
    }
    Files.write(images, bytes.array());

    List<String> printed =
        PeerPython.run(
            PythonPeerTest.class,
            "run_model.py",
            scratch,
            run.toString(),
            images.toString(),
            scratch.toString());

    assertEquals(
        List.of(
            "signatures decode encode reconstruct",
            "tag _hparams_/session_end_info 1 0",
            "tag _hparams_/session_start_info 1 0",
            "tag codebook/codes 1 46",
            "tag codebook/perplexity 46 46",
            "tag codebook/replaced 46 46",
            "tag codebook/usage 46 46",
            "tag test/access_count 2 46",
            "tag test/reconstruction_error 2 46",
            "tag test/reconstructions 1 46",
            "tag train/loss 46 46",
            "tag train/reconstruction_error 46 46"),
        printed.stream().filter(line -> !line.startsWith("tag vq/")).toList());
    // Windows of ten steps, the last one of six; the codebook is looked at in those that are full.
    assertTrue(
        printed.containsAll(
            List.of(
                "tag vq/bottleneck/access_count 5 46",
                "tag vq/bottleneck/closest_spacing 4 40",
                "tag vq/bottleneck/drift 3 40",
                "tag vq/bottleneck/loss/total 5 46",
                "tag vq/bottleneck/nearest_distance 5 46",
                "tag vq/bottleneck/perplexity 5 46",
                "tag vq/bottleneck/replacements 1 21",
                "tag vq/bottleneck/split-1/usage 5 46")),
        printed::toString);
    try (AutoencoderModel model = AutoencoderModel.load(run.resolve(TrainingReport.MODEL))) {
      assertArrayEquals(model.encode(test), integers("indices"));
      float[] expected = pixels(model.reconstruct(test));
      assertArrayEquals(expected, floats("reconstructed"), 1e-5f);
      assertArrayEquals(expected, floats("decoded"), 1e-5f);
    }
  }

  private static float[] pixels(ImageSet images) {
    float[] all = new float[images.count() * images.imageSize()];
    for (int i = 0; i < images.count(); i++) {
      System.arraycopy(images.image(i), 0, all, i * images.imageSize(), images.imageSize());
    }
    return all;
  }

  private ByteBuffer file(String name) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(scratch.resolve(name)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private int[] integers(String name) throws IOException {
    IntBuffer buffer = file(name).asIntBuffer();
    int[] values = new int[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private float[] floats(String name) throws IOException {
    FloatBuffer buffer = file(name).asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
