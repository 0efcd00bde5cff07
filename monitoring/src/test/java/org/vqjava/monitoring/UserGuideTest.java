/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;

/** Runs the example of the package's javadoc. */
class UserGuideTest {
  private static final Path SOURCES = Path.of("src", "main", "java", "org", "vqjava", "monitoring");
  private static final Path TESTS = Path.of("src", "test", "java", "org", "vqjava", "monitoring");

  private final long steps = 101;
  private final Path runs;

  UserGuideTest(@TempDir Path runs) {
    this.runs = runs;
  }

  @Test
  void exampleWritesWhatItSays() throws IOException {
    trainAndWrite();

    Path file;
    try (Stream<Path> files = Files.list(runs.resolve("codes-512"))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      file = all.get(0);
    }
    List<Event> events = EventFileReader.events(file);
    // version, hparams, text, 101 scalars, 2 histograms, 2 images, end
    assertEquals(1 + 1 + 1 + 101 + 2 + 2 + 1, events.size());
  }

  @Test
  void exampleIsTheCodeThatRuns() throws IOException {
    String guide = read(SOURCES.resolve("package-info.java"));
    String test = read(TESTS.resolve("UserGuideTest.java"));
    int start = guide.indexOf("<pre>{@code\n") + "<pre>{@code\n".length();
    String example = guide.substring(start, guide.indexOf("}</pre>", start)).replace("\n * ", "\n");

    assertTrue(
        words(test).contains(words(example.replaceFirst("^ \\* ", ""))),
        "the example of package-info and trainAndWrite() must be the same code");
  }

  private void trainAndWrite() {
    try (EventFileWriter writer = EventFileWriter.open(runs.resolve("codes-512"))) {
      writer.hparams(Map.of("codes", 512, "learning_rate", 1e-3, "ema", true));
      writer.text("notes", 0, "Trained on **Fashion-MNIST**.");
      for (long step = 0; step < steps; step++) {
        double[] access = trainStep(step); // how often each code was chosen
        writer.scalar("codebook/perplexity", step, perplexity(access));
        if (step % 100 == 0) {
          writer.histogram("codebook/access", step, HistogramBins.of(access, 30));
          writer.image("reconstruction", step, reconstruction(step));
          writer.flush(); // TensorBoard sees what was flushed
        }
      }
      writer.sessionEnd(SessionStatus.SUCCESS);
    }
  }

  private static double[] trainStep(long step) {
    return new double[] {step, 1, 3, 0};
  }

  private static double perplexity(double[] access) {
    double total = 0;
    double weighted = 0;
    for (double count : access) {
      total += count;
      weighted += count == 0 ? 0 : count * Math.log(count);
    }
    return Math.exp(Math.log(total) - weighted / total);
  }

  private static BufferedImage reconstruction(long step) {
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    image.setRGB(0, 0, Math.toIntExact(step));
    return image;
  }

  private static String read(Path file) throws IOException {
    return String.join("\n", Files.readAllLines(file));
  }

  private static String words(String code) {
    return code.strip().replaceAll("\\s+", " ");
  }
}
