/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.layers.CodebookUsage;

class RecorderTest {
  private final List<Snapshot> snapshots = Collections.synchronizedList(new ArrayList<>());

  private Recorder recorder(int every) {
    return Recorder.open(
        RecorderOptions.every(every).withClock(Samples.NOON), List.of(snapshots::add));
  }

  /**
   * Eight batches of one vector each, of eight codes: never 1, which is the perplexity of a batch.
   */
  @Test
  void countsAreAddedUpNotAveraged() {
    try (Recorder recorder = recorder(8)) {
      CodebookRecorder codes = recorder.codebook("a", 8);
      for (int step = 1; step <= 16; step++) {
        codes.record(Observation.at(step).assignments(new int[] {step % 8}));
      }
    }
    assertEquals(2, snapshots.size());
    for (Snapshot snapshot : snapshots) {
      assertEquals(8, snapshot.usage().summary().perplexity(), 1e-12);
      assertEquals(8, snapshot.batches());
      assertArrayEquals(new long[] {1, 1, 1, 1, 1, 1, 1, 1}, snapshot.counts());
      assertEquals(Samples.NOON.instant(), snapshot.time());
    }
    assertEquals(8, snapshots.get(0).step());
    assertEquals(16, snapshots.get(1).step());
  }

  @Test
  void aDeadCodeIsKnownSinceItsLastWindow() {
    try (Recorder recorder = recorder(2)) {
      CodebookRecorder codes = recorder.codebook("a", 3);
      codes.record(Observation.at(1).accessCount(new long[] {5, 1, 0}));
      codes.record(Observation.at(2).accessCount(new long[] {5, 0, 0}));
      codes.record(Observation.at(3).accessCount(new long[] {5, 0, 0}));
      codes.record(Observation.at(9).accessCount(new long[] {5, 0, 0}));
    }
    assertArrayEquals(new long[] {2, 2, -1}, snapshots.get(0).lastUsed());
    assertArrayEquals(new long[] {9, 2, -1}, snapshots.get(1).lastUsed());
    assertEquals(1, snapshots.get(0).usage().summary().dead());
    assertEquals(2, snapshots.get(1).usage().summary().dead());
  }

  @Test
  void figuresAreOfTheWindowAlone() {
    try (Recorder recorder = recorder(2)) {
      CodebookRecorder codes = recorder.codebook("a", 2);
      codes.record(
          Observation.at(1)
              .distance(new float[] {1, 3, 4, 2}, 2)
              .similarity(new float[] {0.5f})
              .loss("alpha", 1)
              .loss("beta", 7));
      codes.record(Observation.at(2).nearestDistance(new float[] {6}).loss("alpha", 2));
      codes.replaced(new Replacement(2, 1, new int[] {1}, "unused"));
      codes.record(Observation.at(3));
    }
    Snapshot first = snapshots.get(0);
    assertEquals(Map.of("alpha", 1.5, "beta", 7.0), first.losses());
    assertEquals(3, first.nearestDistance().orElseThrow().finite());
    assertEquals(3, first.nearestDistance().orElseThrow().mean());
    assertEquals(0.5, first.similarity().orElseThrow().max());
    assertEquals(0, first.replaced());
    Snapshot second = snapshots.get(1);
    assertEquals(1, second.batches(), "the window that was not full");
    assertEquals(Map.of(), second.losses());
    assertEquals(Optional.empty(), second.nearestDistance());
    assertEquals(List.of(new Replacement(2, 1, new int[] {1}, "unused")), second.replacements());
    assertEquals(1, second.replaced());
  }

  @Test
  void theCodebookIsAskedForWhenItsTurnComes() {
    List<Integer> asked = new ArrayList<>();
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(2).withViewEvery(3), List.of(snapshots::add))) {
      CodebookRecorder codes = recorder.codebook("a", 2);
      for (int step = 1; step <= 16; step++) {
        Observation seen = Observation.at(step);
        if (codes.viewIsDue()) {
          asked.add(step);
          seen.codebook(new float[] {0, 0, step, 0}, 2);
        }
        codes.record(seen);
      }
    }
    assertEquals(List.of(2, 8, 14), asked);
    List<CodebookView> views = snapshots.stream().flatMap(s -> s.view().stream()).toList();
    assertEquals(3, views.size());
    assertEquals(OptionalDouble.empty(), views.get(0).drift());
    assertEquals(3, views.get(1).drift().orElseThrow(), 1e-6, "one code moved by 6, one by 0");
    assertEquals(8, views.get(1).spacing().orElseThrow().min());
    assertEquals(8, views.get(1).norms().max());
    assertEquals(8, Math.abs(views.get(1).points()[2] - views.get(1).points()[0]), 1e-5);
  }

  @Test
  void aCodebookTakesFortyKilobytesASnapshot() {
    RecorderOptions options = RecorderOptions.every(1);
    assertEquals(1, options.viewEvery(10_000));
    assertEquals(105, options.viewEvery(16_384 * 64));
    assertEquals(7, options.withViewEvery(7).viewEvery(16_384 * 64));
  }

  @Test
  void spacingIsThatOfEveryTwoCodes() {
    Random random = new Random(1);
    float[] codebook = Samples.floats(random, 30 * 5);
    try (Recorder recorder = recorder(1)) {
      recorder.codebook("a", 30).record(Observation.at(1).codebook(codebook, 5));
      recorder.codebook("one", 1).record(Observation.at(1).codebook(new float[] {3, 4}, 2));
      recorder
          .codebook("given", 2)
          .record(
              Observation.at(1).codebook(new float[] {3, 4}, 1).closestSpacing(new float[] {9, 9}));
      recorder.codebook("many", 3000).record(Observation.at(1).codebook(new float[3000], 1));
    }
    double min = Double.POSITIVE_INFINITY;
    for (int j = 0; j < 30; j++) {
      for (int k = 0; k < 30; k++) {
        double square = 0;
        for (int i = 0; i < 5; i++) {
          square += Math.pow(codebook[j * 5 + i] - codebook[k * 5 + i], 2);
        }
        min = j == k ? min : Math.min(min, Math.sqrt(square));
      }
    }
    Distribution spacing = snapshots.get(0).view().orElseThrow().spacing().orElseThrow();
    assertEquals(30, spacing.finite());
    assertEquals(min, spacing.min(), 1e-6);
    assertEquals(0, snapshots.get(1).view().orElseThrow().spacing().orElseThrow().max());
    assertEquals(5, snapshots.get(1).view().orElseThrow().norms().mean());
    assertEquals(9, snapshots.get(2).view().orElseThrow().spacing().orElseThrow().mean());
    assertEquals(Optional.empty(), snapshots.get(3).view().orElseThrow().spacing());
  }

  private static Snapshot recorded(int codes, Observation... seen) {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(seen.length).withViewEvery(1), List.of(all::add))) {
      for (Observation one : seen) {
        recorder.codebook("a", codes).record(one);
      }
    }
    return all.get(0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void whatIsNotFiniteIsSaid(double broken) {
    float wrong = (float) broken;
    assertEquals(
        List.of("loss total is " + broken),
        recorded(
                2,
                Observation.at(1).loss("total", 1).loss("alpha", 2),
                Observation.at(2).loss("total", broken).loss("alpha", 2))
            .notFinite());
    assertEquals(
        List.of("1 of 3 distances are NaN or infinite"),
        recorded(2, Observation.at(1).nearestDistance(new float[] {1, wrong, 2})).notFinite());
    assertEquals(
        List.of("1 of 1 similarities are NaN or infinite"),
        recorded(2, Observation.at(1).similarity(new float[] {wrong})).notFinite());
    Snapshot codes =
        recorded(4, Observation.at(1).codebook(new float[] {0, 0, 3, 4, wrong, 1, 0, 1}, 2));
    assertEquals(
        List.of("1 of 4 codes are NaN or infinite", "1 of 4 spacings are NaN or infinite"),
        codes.notFinite());
    Distribution spacing = codes.view().orElseThrow().spacing().orElseThrow();
    assertEquals(1, spacing.min(), "the others keep their spacing");
    assertEquals((float) Math.sqrt(18), spacing.max(), 1e-6);
    assertEquals(
        List.of("2 of 2 spacings are NaN or infinite"),
        recorded(
                2,
                Observation.at(1)
                    .codebook(new float[2], 1)
                    .closestSpacing(new float[] {wrong, wrong}))
            .notFinite());
    assertEquals(List.of(), recorded(2, Observation.at(1).loss("total", -1e300)).notFinite());
  }

  /** A log says what it likes, and three times the most is none the less three codes in use. */
  @Test
  void countsThatAreTooLargeToBeAddedUpAreCountedAsMany() {
    long most = Long.MAX_VALUE;
    Observation seen = Observation.at(1).accessCount(new long[] {most, most, most, 1});
    UsageFigures usage = recorded(4, seen, seen).usage();
    assertEquals(3, usage.summary().perplexity(), 1e-9);
    assertEquals(most, usage.summary().accesses());
    assertEquals(1.0 / 3, usage.topShare(), 1e-9);
    assertEquals(0.25, usage.gini(), 1e-9);
  }

  @Test
  void aPerplexityThatIsNotFiniteIsSaid() {
    Snapshot sound = recorded(2, Observation.at(1).assignments(new int[] {0, 1}));
    UsageFigures broken =
        new UsageFigures(new CodebookUsage.Summary(2, 2, 2, Double.NaN, Double.NaN), 0, 0.5);
    Snapshot seen =
        new Snapshot(
            "a",
            1,
            sound.time(),
            1,
            sound.counts(),
            sound.lastUsed(),
            broken,
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of(),
            Optional.empty());
    assertEquals(List.of("perplexity is NaN"), seen.notFinite());
  }

  @Test
  void driftIsThatOfTheCodesThatAreFinite() {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(1).withViewEvery(1), List.of(all::add))) {
      CodebookRecorder codes = recorder.codebook("a", 3);
      codes.record(Observation.at(1).codebook(new float[] {1, 2, 3}, 1));
      codes.record(Observation.at(2).codebook(new float[] {Float.NaN, 2, 5}, 1));
      codes.record(Observation.at(3).codebook(new float[] {1, 2, 6}, 1));
      float nan = Float.NaN;
      codes.record(Observation.at(4).codebook(new float[] {nan, nan, nan}, 1));
    }
    assertEquals(1, all.get(1).view().orElseThrow().drift().orElseThrow());
    assertEquals(0.5, all.get(2).view().orElseThrow().drift().orElseThrow());
    assertTrue(Double.isNaN(all.get(3).view().orElseThrow().drift().orElseThrow()));
  }

  /** A single code that is left has none to be close to. */
  @Test
  void theLastFiniteCodeIsAlone() {
    Snapshot seen = recorded(2, Observation.at(1).codebook(new float[] {Float.NaN, 1, 2, 3}, 2));
    assertEquals(0, seen.view().orElseThrow().spacing().orElseThrow().max());
  }

  @Test
  void severalCodebooksAreKeptApart() {
    try (Recorder recorder = recorder(1)) {
      CodebookRecorder one = recorder.codebook("a/split-0", 2);
      CodebookRecorder two = recorder.codebook("a/split-1", 3);
      assertSame(one, recorder.codebook("a/split-0", 2));
      one.record(Observation.at(1).assignments(new int[] {0}));
      two.record(Observation.at(1).assignments(new int[] {2}));
      refused(
          "codes must be 2 as before for a/split-0, got 3",
          () -> recorder.codebook("a/split-0", 3));
    }
    assertEquals(
        List.of("a/split-0", "a/split-1"), snapshots.stream().map(Snapshot::codebook).toList());
    assertEquals(3, snapshots.get(1).codes());
  }

  @Test
  void nothingIsLostBetweenThreads() throws InterruptedException {
    int threads = 4;
    int steps = 2000;
    try (Recorder recorder = recorder(7)) {
      CodebookRecorder codes = recorder.codebook("a", 4);
      List<Thread> all =
          IntStream.range(0, threads)
              .mapToObj(
                  t ->
                      new Thread(
                          () -> {
                            for (int i = 1; i <= steps; i++) {
                              codes.record(
                                  Observation.at(i)
                                      .assignments(new int[] {t})
                                      .nearestDistance(new float[] {t})
                                      .loss("l", t));
                            }
                          }))
              .toList();
      all.forEach(Thread::start);
      for (Thread thread : all) {
        thread.join();
      }
    }
    long[] sum = new long[4];
    for (Snapshot snapshot : snapshots) {
      Arrays.setAll(sum, k -> sum[k] + snapshot.counts()[k]);
      assertEquals(snapshot.batches(), snapshot.nearestDistance().orElseThrow().finite());
    }
    assertArrayEquals(new long[] {steps, steps, steps, steps}, sum);
    assertEquals((threads * steps + 6) / 7, snapshots.size());
  }

  @Test
  void aSinkThatFailsIsDroppedIfTheHandlerSaysSo() {
    List<String> failures = new ArrayList<>();
    boolean[] closed = new boolean[1];
    SnapshotSink broken =
        new SnapshotSink() {
          @Override
          public void accept(Snapshot snapshot) {
            throw new IllegalStateException("full");
          }

          @Override
          public void close() {
            closed[0] = true;
          }
        };
    try (Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1),
            List.of(broken, snapshots::add),
            (sink, failure) -> failures.add(String.valueOf(failure.getMessage())))) {
      CodebookRecorder codes = recorder.codebook("a", 1);
      codes.record(Observation.at(1));
      assertTrue(closed[0]);
      codes.record(Observation.at(2));
    }
    assertEquals(List.of("full"), failures);
    assertEquals(2, snapshots.size());
  }

  @Test
  void aSinkThatFailsIsHeardOfByWhoeverRecords() {
    Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1),
            List.of(
                snapshot -> {
                  throw new IllegalStateException("full");
                }));
    CodebookRecorder codes = recorder.codebook("a", 1);
    assertThrows(IllegalStateException.class, () -> codes.record(Observation.at(1)));
    recorder.close();
  }

  @Test
  void closingTellsTheFirstFailureAndClosesAll() {
    List<String> closed = new ArrayList<>();
    SnapshotSink fails =
        new SnapshotSink() {
          @Override
          public void accept(Snapshot snapshot) {
            throw new IllegalStateException("accept");
          }

          @Override
          public void close() {
            closed.add("close");
            throw new IllegalStateException("close");
          }
        };
    Recorder recorder = Recorder.open(RecorderOptions.every(2), List.of(fails));
    recorder.codebook("a", 1).record(Observation.at(1));
    assertEquals("accept", assertThrows(IllegalStateException.class, recorder::close).getMessage());
    assertEquals(List.of("close"), closed);
    recorder.close();
    Recorder other = Recorder.open(RecorderOptions.every(2), List.of(fails));
    assertEquals("close", assertThrows(IllegalStateException.class, other::close).getMessage());
  }

  @Test
  void afterTheEndNothingIsTaken() {
    Recorder recorder = recorder(1);
    CodebookRecorder codes = recorder.codebook("a", 1);
    recorder.close();
    for (Executable late :
        new Executable[] {
          () -> codes.record(Observation.at(1)),
          () -> codes.replaced(new Replacement(1, 0, new int[0], "none")),
          () -> recorder.codebook("b", 1)
        }) {
      assertEquals(
          "recorder must be open, was closed",
          assertThrows(IllegalStateException.class, late).getMessage());
    }
    assertTrue(snapshots.isEmpty());
  }

  @Test
  void whatDoesNotFitIsRefusedWhole() {
    try (Recorder recorder = recorder(2)) {
      CodebookRecorder codes = recorder.codebook("a", 3);
      refused(
          "accessCount must have a count for each of the 3 codes, got 2",
          () -> codes.record(Observation.at(1).accessCount(new long[2])));
      refused(
          "assignments must be from 0 to below 3, got 3",
          () -> codes.record(Observation.at(1).assignments(new int[] {0, 3})));
      refused(
          "assignments must be from 0 to below 3, got -1",
          () -> codes.record(Observation.at(1).assignments(new int[] {-1})));
      refused(
          "codebook must have 3 x 2 numbers, got 5",
          () -> codes.record(Observation.at(1).codebook(new float[5], 2)));
      refused(
          "closestSpacing must have a number for each of the 3 codes, got 1",
          () -> codes.record(Observation.at(1).closestSpacing(new float[1])));
      refused(
          "codes must be below 3, got 3",
          () -> codes.replaced(new Replacement(1, 1, new int[] {3}, "x")));
      assertFalse(codes.viewIsDue(), "nothing was taken");
    }
    assertTrue(snapshots.isEmpty());
    refused("step must be at least 0, got -1", () -> Observation.at(-1));
    refused(
        "accessCount must be at least 0, got -2",
        () -> Observation.at(0).accessCount(new long[] {-2}));
    refused(
        "distances must have rows of 2, got 3 numbers",
        () -> Observation.at(0).distance(new float[3], 2));
    refused("codes must be at least 1, got 0", () -> Observation.at(0).distance(new float[3], 0));
    refused("name must not be blank, got ' '", () -> Observation.at(0).loss(" ", 0));
    refused(
        "codeWidth must be at least 1, got 0", () -> Observation.at(0).codebook(new float[0], 0));
    refused("every must be at least 1, got 0", () -> RecorderOptions.every(0));
    refused(
        "viewEvery must be at least 0, got -1", () -> RecorderOptions.every(1).withViewEvery(-1));
    refused("codes must be none or 2, got 1", () -> new Replacement(0, 2, new int[] {1}, "unused"));
    refused("tileWidth must be at least 1, got 0", () -> new CodeImages(png(), 1, 0, 1));
    Distribution none = Distribution.of(new float[0], 1);
    refused(
        "points must have 2 numbers for each of the 2 / 1 codes, got 2",
        () ->
            new CodebookView(
                1,
                new float[2],
                new float[2],
                1,
                Optional.empty(),
                none,
                OptionalDouble.empty(),
                Optional.empty()));
    Snapshot good = Samples.run(4, 2, 1, 1).get(0);
    refused(
        "lastUsed must have a step for each of the 4 codes, got 3",
        () -> with(good, new long[3], good.view()));
    refused(
        "view must be of the 4 codes, got 5",
        () -> with(good, good.lastUsed(), Samples.run(5, 2, 1, 1).get(0).view()));
  }

  private static Snapshot with(Snapshot s, long[] lastUsed, Optional<CodebookView> view) {
    return new Snapshot(
        s.codebook(),
        s.step(),
        s.time(),
        s.batches(),
        s.counts(),
        lastUsed,
        s.usage(),
        s.nearestDistance(),
        s.similarity(),
        s.losses(),
        s.replacements(),
        view);
  }

  private static byte[] png() {
    return Samples.images().png();
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
