/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.awt.image.BufferedImage;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Codebooks that are made up, from a seed. */
final class Samples {
  static final Clock NOON = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_250L), ZoneOffset.UTC);

  private Samples() {}

  /** Snapshots of a codebook that drifts, with everything that a snapshot can have. */
  static List<Snapshot> run(int codes, int width, int snapshots, long seed) {
    Random random = new Random(seed);
    float[] codebook = floats(random, codes * width);
    List<Snapshot> all = new ArrayList<>();
    RecorderOptions options = RecorderOptions.every(2).withViewEvery(2).withClock(NOON);
    try (Recorder recorder = Recorder.open(options, List.of(all::add))) {
      CodebookRecorder codebookRecorder = recorder.codebook("bottleneck", codes);
      for (int step = 1; step <= 2 * snapshots; step++) {
        int[] taken = new int[64];
        for (int i = 0; i < taken.length; i++) {
          taken[i] = random.nextInt(1 + codes / 2);
        }
        Observation seen =
            Observation.at(step)
                .assignments(taken)
                .nearestDistance(positive(random, 64))
                .similarity(floats(random, 64))
                .loss("alpha", random.nextDouble());
        for (int i = 0; i < codebook.length; i++) {
          codebook[i] += 0.01f * (float) random.nextGaussian();
        }
        if (codebookRecorder.viewIsDue()) {
          seen.codebook(codebook, width).images(images());
        }
        codebookRecorder.record(seen);
        if (step % 5 == 0) {
          codebookRecorder.replaced(new Replacement(step, 2, new int[] {0, codes - 1}, "unused"));
        }
      }
    }
    return all;
  }

  static CodeImages images() {
    byte[] png = Png.of(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB)).file().toByteArray();
    return new CodeImages(png, 2, 4, 4);
  }

  static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static float[] positive(Random random, int count) {
    float[] values = floats(random, count);
    for (int i = 0; i < count; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }
}
