/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.vqjava.monitoring.CodeImages;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;

/**
 * Codebooks that learn from a mixture of clusters by moving averages, seeded: one whose dead codes
 * are replaced, one whose dead codes are not, one whose inputs all drift to one place.
 */
final class DemoRuns {
  private static final int WIDTH = 16;
  private static final int CODES = 64;
  private static final int BATCH = 256;

  /** What goes wrong. */
  enum Kind {
    HEALTHY,
    DEAD,
    COLLAPSING
  }

  private DemoRuns() {}

  static void write(Path directory, Kind kind, int steps) throws IOException {
    Files.createDirectories(directory);
    RunInfo info =
        new RunInfo(
            String.valueOf(directory.getFileName()),
            Instant.ofEpochSecond(1_760_000_000),
            Map.of("codes", "64", "kind", kind.name()));
    try (SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info);
        Recorder recorder = Recorder.open(RecorderOptions.every(10), List.of(log))) {
      train(recorder, kind, steps);
    }
  }

  /** The same, and the log tells that the run came to its end. */
  static void writeWhole(Path directory, Kind kind, int steps) throws IOException {
    write(directory, kind, steps);
    RunInfo info =
        new RunInfo(
            String.valueOf(directory.getFileName()),
            Instant.ofEpochSecond(1_760_000_000),
            Map.of());
    try (SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info)) {
      log.ended(RunOutcome.finished());
    }
  }

  static void train(Recorder recorder, Kind kind, int steps) {
    Random random = new Random(1);
    float[][] centres = new float[100][WIDTH];
    for (float[] centre : centres) {
      for (int i = 0; i < WIDTH; i++) {
        centre[i] = (float) (random.nextGaussian() * (i < 2 ? 3 : 1));
      }
    }
    float[] codebook = new float[CODES * WIDTH];
    for (int i = 0; i < codebook.length; i++) {
      codebook[i] = (float) random.nextGaussian() * (kind == Kind.DEAD ? 4 : 1);
    }
    int[] unused = new int[CODES];
    CodebookRecorder codes = recorder.codebook("bottleneck", CODES);
    CodebookRecorder second = recorder.codebook("small", 4);
    for (int step = 1; step <= steps; step++) {
      double shrunk = kind == Kind.COLLAPSING ? Math.max(0.001, 1 - 1.3 * step / steps) : 1;
      long[] counts = new long[CODES];
      float[] distances = new float[BATCH];
      float[] similarities = new float[BATCH];
      float[] last = new float[WIDTH];
      for (int n = 0; n < BATCH; n++) {
        float[] x = new float[WIDTH];
        float[] centre = centres[(int) (100 * Math.pow(random.nextDouble(), 1.5))];
        for (int i = 0; i < WIDTH; i++) {
          x[i] = (float) (shrunk * (centre[i] + 0.3 * random.nextGaussian()));
        }
        int k = nearest(codebook, x, kind == Kind.COLLAPSING ? step / (double) steps : 0);
        counts[k]++;
        distances[n] = (float) Math.sqrt(square(codebook, k, x));
        similarities[n] = (float) Math.exp(-distances[n]);
        for (int i = 0; i < WIDTH; i++) {
          codebook[k * WIDTH + i] += 0.02f * (x[i] - codebook[k * WIDTH + i]);
        }
        last = x;
      }
      double mean = 0;
      for (float distance : distances) {
        mean += distance * distance / BATCH;
      }
      Observation seen =
          Observation.at(step)
              .accessCount(counts)
              .nearestDistance(distances)
              .similarity(similarities)
              .loss("reconstruction", 0.02 + mean / 40)
              .loss("commitment", mean / 16);
      if (codes.viewIsDue()) {
        seen.codebook(codebook, WIDTH).images(images(codebook));
      }
      codes.record(seen);
      second.record(Observation.at(step).accessCount(new long[] {step, 5, 0, 1}));
      List<Integer> replaced = new ArrayList<>();
      for (int k = 0; k < CODES; k++) {
        unused[k] = counts[k] > 0 ? 0 : unused[k] + 1;
        if (kind == Kind.HEALTHY && unused[k] >= 10 && step % 10 == 5) {
          replaced.add(k);
          unused[k] = 0;
          for (int i = 0; i < WIDTH; i++) {
            codebook[k * WIDTH + i] = last[i] + 0.05f * (float) random.nextGaussian();
          }
        }
      }
      if (!replaced.isEmpty()) {
        int[] which = replaced.stream().mapToInt(Integer::intValue).toArray();
        codes.replaced(new Replacement(step, which.length, which, "unused codes"));
      }
    }
  }

  private static int nearest(float[] codebook, float[] x, double pull) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < CODES; k++) {
      double square = square(codebook, k, x) * (k == 7 ? 1 - pull : 1);
      if (square < least) {
        least = square;
        best = k;
      }
    }
    return best;
  }

  private static double square(float[] codebook, int k, float[] x) {
    double sum = 0;
    for (int i = 0; i < WIDTH; i++) {
      double difference = codebook[k * WIDTH + i] - x[i];
      sum += difference * difference;
    }
    return sum;
  }

  private static CodeImages images(float[] codebook) {
    BufferedImage sheet = new BufferedImage(8 * 4, 8 * 4, BufferedImage.TYPE_INT_RGB);
    for (int k = 0; k < CODES; k++) {
      for (int i = 0; i < WIDTH; i++) {
        int grey = (int) Math.max(0, Math.min(255, 128 + 40 * codebook[k * WIDTH + i]));
        sheet.setRGB(k % 8 * 4 + i % 4, k / 8 * 4 + i / 4, grey << 16 | grey << 8 | grey);
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(sheet, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new CodeImages(png.toByteArray(), 8, 4, 4);
  }

  /** Many codes, many snapshots, as fast as they can be made. */
  static void feed(SnapshotSink sink, int codes, int snapshots) {
    Random random = new Random(2);
    float[] codebook = new float[codes * 2];
    for (int i = 0; i < codebook.length; i++) {
      codebook[i] = (float) random.nextGaussian();
    }
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(1).withViewEvery(200), List.of(sink))) {
      CodebookRecorder recorded = recorder.codebook("large", codes);
      for (int step = 1; step <= snapshots; step++) {
        int[] taken = new int[2048];
        for (int n = 0; n < taken.length; n++) {
          taken[n] = (int) (codes * Math.pow(random.nextDouble(), 3));
        }
        Observation seen = Observation.at(step).assignments(taken).loss("total", 1.0 / step);
        if (recorded.viewIsDue()) {
          seen.codebook(codebook, 2);
        }
        recorded.record(seen);
      }
      recorder.end(RunOutcome.finished());
    }
  }
}
