/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vqjava.clustering.pq.EmOptions.Start;
import org.vqjava.ops.SearchMode;

/** Properties of the EM algorithm; the original's figures are the golden cases. */
class EmTest {
  private static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double objective(float[] blocks, int width, float[] centroids, int[] assigned) {
    double sum = 0;
    for (int i = 0; i < blocks.length; i++) {
      double d = blocks[i] - centroids[assigned[i / width] * width + i % width];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void theObjectiveNeverRisesWithoutASplit(Start start) {
    float[] blocks = normal(4 * 3000, 1);
    EmOptions options =
        EmOptions.ofCentroids(32).withStart(start).withIterations(40).withTolerance(0);
    EmResult result = EM.fit(blocks, 4, options, EmDraws.seeded(2), step -> {});
    assertEquals(40, result.steps().size());
    double before = Double.POSITIVE_INFINITY;
    for (EmStep step : result.steps()) {
      if (step.splits() == 0) {
        double limit = before * (1 + 1e-6);
        assertTrue(step.objective() <= limit, step::toString);
      }
      before = step.objective();
    }
    assertEquals(
        before, objective(blocks, 4, result.centroids(), result.assignments()), 1e-3 * before);
  }

  @Test
  void sameSeedSameBits() {
    float[] blocks = normal(8 * 500, 3);
    for (Start start : Start.values()) {
      EmOptions options = EmOptions.ofCentroids(16).withStart(start);
      EmResult one = EM.fit(blocks, 8, options, EmDraws.seeded(4), step -> {});
      EmResult other = EM.fit(blocks, 8, options, EmDraws.seeded(4), step -> {});
      assertArrayEquals(one.centroids(), other.centroids());
      assertArrayEquals(one.assignments(), other.assignments());
      EmResult different = EM.fit(blocks, 8, options.withSeed(9), EmDraws.seeded(5), step -> {});
      assertFalse(Arrays.equals(one.centroids(), different.centroids()), start.name());
    }
  }

  @Test
  void aRunEndsWhenItHardlyImproves() {
    float[] blocks = normal(2 * 400, 5);
    List<EmStep> heard = new ArrayList<>();
    EmOptions options = EmOptions.ofCentroids(8).withIterations(500).withTolerance(1e-4);
    EmResult result = EM.fit(blocks, 2, options, EmDraws.seeded(1), heard::add);
    assertEquals(heard, result.steps());
    assertTrue(heard.size() > 3 && heard.size() < 200, () -> heard.size() + " steps");
    double last = heard.get(heard.size() - 1).objective();
    double before = heard.get(heard.size() - 2).objective();
    assertTrue(before - last <= 1e-4 * last);
  }

  @Test
  void assigningTwiceChangesNothing() {
    float[] blocks = normal(3 * 300, 6);
    try (EM em = new EM(blocks, 3, EmOptions.ofCentroids(10))) {
      em.initialize(EmDraws.seeded(1));
      int[] first = em.assign();
      float[] decoded = new float[blocks.length];
      for (int i = 0; i < decoded.length; i++) {
        decoded[i] = em.centroids()[first[i / 3] * 3 + i % 3];
      }
      try (EM again = new EM(decoded, 3, EmOptions.ofCentroids(10))) {
        again.start(em.centroids());
        assertArrayEquals(first, again.assign());
      }
    }
  }

  /** Ten different blocks: ten centroids are lossless, sixteen leave six empty and say so. */
  @Test
  void kMeansPlusPlusWithAsManyCentroidsAsDifferentBlocksIsLossless() {
    float[] different = normal(2 * 10, 7);
    float[] blocks = new float[2 * 200];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = different[i % 20];
    }
    EmResult exact = EM.fit(blocks, 2, EmOptions.ofCentroids(10), EmDraws.seeded(1), step -> {});
    // A mean of equal numbers may be rounded.
    assertEquals(0, objective(blocks, 2, exact.centroids(), exact.assignments()), 1e-5);
    EmResult more =
        EM.fit(
            blocks,
            2,
            EmOptions.ofCentroids(16).withIterations(4).withTolerance(0),
            EmDraws.seeded(1),
            step -> {});
    EmStep last = more.steps().get(more.steps().size() - 1);
    assertTrue(last.gaveUp() && last.empty() > 0, last::toString);
    assertEquals(0, last.splits(), "once given up, it is not tried again");
    assertTrue(objective(blocks, 2, more.centroids(), more.assignments()) < 0.3);
  }

  /** A block of importance 3 counts as three blocks, one of importance 0 as none. */
  @Test
  void importanceIsAsIfBlocksWereRepeated() {
    float[] blocks = {0, 0, 1, 1, 10, 10, 12, 12, 100, 100};
    float[] importance = {1, 3, 1, 1, 0};
    float[] start = {0, 0, 11, 11};
    EmOptions options = EmOptions.ofCentroids(2);
    try (EM em = new EM(blocks, 2, importance, options)) {
      em.start(start);
      EmStep step = em.step(EmDraws.seeded(1));
      assertArrayEquals(new float[] {0.75f, 0.75f, 11, 11}, em.centroids(), 1e-6f);
      double squares = 2 * (0.75 * 0.75 + 3 * 0.25 * 0.25 + 1 + 1);
      assertEquals(Math.sqrt(squares), step.objective(), 1e-5);
    }
  }

  @Test
  void anEmptyClusterTakesHalfOfTheLargest() {
    float[] blocks = new float[40];
    for (int i = 0; i < 40; i++) {
      blocks[i] = i;
    }
    try (EM em = new EM(blocks, 1, EmOptions.ofCentroids(3))) {
      em.start(new float[] {20, 1e6f, 2e6f});
      EmStep step = em.step(EmDraws.seeded(1));
      assertTrue(step.splits() >= 2, step::toString);
      assertEquals(0, step.empty());
      assertEquals(3, Arrays.stream(em.assignments()).distinct().count());
    }
  }

  @Test
  void whatCannotBeRunIsRefused() {
    float[] four = {1, 2, 3, 4};
    EmOptions two = EmOptions.ofCentroids(2);
    refused("centroids must be at least 1, got 0", () -> EmOptions.ofCentroids(0));
    refused("iterations must be at least 1, got 0", () -> two.withIterations(0));
    refused("tolerance must be at least 0, got NaN", () -> two.withTolerance(Double.NaN));
    refused(
        "splitNoise must be positive and finite, got 0.0", () -> EmOptions.original(2, 1, 0, 30));
    refused(
        "maxTentatives must be at least 0, got -1",
        () ->
            new EmOptions(
                1,
                1,
                0,
                Start.RANDOM,
                OptionalDouble.empty(),
                -1,
                true,
                false,
                SearchMode.FAST,
                1));
    refused("blocks must be one or more of width 3, got 4 numbers", () -> new EM(four, 3, two));
    refused(
        "blocks must be one or more of width 2, got 0 numbers", () -> new EM(new float[0], 2, two));
    refused("blocks must be finite, got NaN", () -> new EM(new float[] {1, Float.NaN}, 1, two));
    refused(
        "importance must be of each of the 2 blocks, got 1",
        () -> new EM(four, 2, new float[] {1}, two));
    refused(
        "importance must be at least 0 and finite, got -1.0",
        () -> new EM(four, 2, new float[] {1, -1}, two));
    refused(
        "centroids must be at most the 2 blocks, got 3",
        () -> EM.fit(four, 2, EmOptions.ofCentroids(3), EmDraws.seeded(1), step -> {}));
    try (EM em = new EM(four, 2, two)) {
      refused("centroids must have 2 x 2 numbers, got 3", () -> em.start(new float[] {1, 2, 3}));
      assertEquals(
          "start or initialize must set the centroids first",
          assertThrows(IllegalStateException.class, em::assign).getMessage());
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  /** In float32 the sum of 900,000 tenths is off by a hundredth of it. */
  @Test
  void meansOfManyBlocksKeepTheirDigits() {
    float[] blocks = new float[1_000_000];
    Arrays.fill(blocks, 0, 900_000, 0.1f);
    Arrays.fill(blocks, 900_000, 1_000_000, 5);
    EmResult found = EM.fit(blocks, 1, EmOptions.ofCentroids(2), EmDraws.seeded(1), step -> {});
    float[] centroids = found.centroids();
    Arrays.sort(centroids);
    assertArrayEquals(new float[] {0.1f, 5}, centroids);
    assertEquals(0, found.steps().get(found.steps().size() - 1).objective(), 1e-6);
  }

  /** Blocks between codes far from the middle of all: no cluster is taken for empty. */
  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void groupsFarApartAreTold(SearchMode mode) {
    Random random = new Random(3);
    float[] blocks = new float[2 * 800];
    for (int i = 0; i < 800; i++) {
      float side = i % 2 == 0 ? 3000 : -3000;
      blocks[2 * i] = side + (i / 2) % 2 + (float) random.nextGaussian() * 0.01f;
      blocks[2 * i + 1] = side;
    }
    EmOptions options = EmOptions.ofCentroids(4).withMode(mode);
    try (EM em = new EM(blocks, 2, options)) {
      em.start(new float[] {3000.2f, 3000, 3000.8f, 3000, -2999.8f, -3000, -2999.2f, -3000});
      EmResult found = em.run(EmDraws.seeded(1), step -> {});
      for (EmStep step : found.steps()) {
        assertFalse(step.gaveUp(), step::toString);
      }
      assertTrue(
          found.steps().get(found.steps().size() - 1).objective() < 1, found.steps().toString());
    }
  }
}
