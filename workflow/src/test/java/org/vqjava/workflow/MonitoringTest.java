/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.layers.CodebookUsage;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotLogReader;

/** What a training records of its codebook. */
class MonitoringTest {
  private static final int STEPS_AN_EPOCH = 23;

  private final Path runs;

  MonitoringTest(@TempDir Path runs) {
    this.runs = runs;
  }

  private static AutoencoderOptionsBuilder options() {
    return AutoencoderOptions.defaults().toBuilder().codes(32).width(8).epochs(2);
  }

  private static class Heard implements TrainingListener, SnapshotLogReader.Listener {
    final List<TrainingProgress> steps = new ArrayList<>();
    final List<Snapshot> snapshots = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<RunInfo> runs = new ArrayList<>();
    final List<RunOutcome> ends = new ArrayList<>();

    @Override
    public void stepped(TrainingProgress progress) {
      steps.add(progress);
    }

    @Override
    public void snapshot(Snapshot snapshot) {
      snapshots.add(snapshot);
    }

    @Override
    public void warned(String message) {
      warnings.add(message);
    }

    @Override
    public void started(RunInfo info) {
      runs.add(info);
    }

    @Override
    public void ended(RunOutcome outcome) {
      ends.add(outcome);
    }
  }

  private static Heard read(Path run) throws IOException {
    Heard heard = new Heard();
    new SnapshotLogReader(run.resolve(SnapshotLog.FILE)).poll(heard);
    return heard;
  }

  @Test
  void theLogHasWhatWasTrained() throws Exception {
    Path run = runs.resolve("run");
    Heard live = new Heard();
    TrainAutoencoder.run(options().beta(1e-4).gamma(1e-6).build(), RunDirectory.create(run), live);
    Heard read = read(run);
    assertEquals(1, read.runs.size());
    assertEquals("run", read.runs.get(0).name());
    assertEquals("32", read.runs.get(0).options().get("codes"));
    assertEquals(List.of(RunOutcome.finished()), read.ends);
    assertEquals(List.of(), live.warnings);
    assertEquals(5, read.snapshots.size(), "four windows of ten steps, and one of six");
    assertEquals(5, live.snapshots.size());
    int replacedBefore = 0;
    for (int i = 0; i < 5; i++) {
      Snapshot snapshot = read.snapshots.get(i);
      int from = 10 * i;
      int to = Math.min(from + 10, 2 * STEPS_AN_EPOCH);
      List<TrainingProgress> window = live.steps.subList(from, to);
      assertEquals("bottleneck", snapshot.codebook());
      assertEquals(to, snapshot.step());
      assertEquals(to - from, snapshot.batches());
      assertArrayEquals(live.snapshots.get(i).counts(), snapshot.counts());
      assertEquals(
          window.stream().mapToDouble(TrainingProgress::loss).average().orElseThrow(),
          snapshot.losses().getOrDefault("total", Double.NaN),
          1e-12);
      assertEquals(
          List.of("alpha", "beta", "commitment", "coulomb", "reconstruction", "total"),
          List.copyOf(snapshot.losses().keySet()));
      assertEquals(
          snapshot.usage().summary().accesses(),
          snapshot.nearestDistance().orElseThrow().finite(),
          "a distance for each vector that was looked up");
      if (i == 0) { // batches of one size
        assertEquals(
            snapshot.nearestDistance().orElseThrow().mean(),
            snapshot.losses().getOrDefault("alpha", Double.NaN),
            1e-4,
            "the mean distance is the loss, as its weight is 1");
      }
      replacedBefore += snapshot.replaced();
      assertEquals(i < 4, snapshot.view().isPresent(), "of windows that are full");
    }
    assertEquals(live.steps.get(live.steps.size() - 1).replaced(), replacedBefore);
    // Windows may be added: the last epoch's usage is that of the listener.
    CodebookUsage.Summary ofTheRun = CodebookUsage.Summary.of(sum(read.snapshots));
    long images = 1437L * 2;
    assertEquals(images * 16, ofTheRun.accesses());
    assertTrue(read.snapshots.get(0).view().orElseThrow().images().isPresent());
  }

  private static long[] sum(List<Snapshot> snapshots) {
    long[] sum = new long[snapshots.get(0).codes()];
    snapshots.forEach(s -> Arrays.setAll(sum, k -> sum[k] + s.counts()[k]));
    return sum;
  }

  /** Everything that is saved: the model's variables, the pictures, the figures. */
  @Test
  void recordingChangesNothingThatIsTrained() throws Exception {
    for (AutoencoderOptions options :
        List.of(
            options().build(),
            options().splits(2).build(),
            options().quantizer(Quantizer.COSINE).replaced(0).build(),
            options().quantizer(Quantizer.L1).build(),
            options().quantizer(Quantizer.LINF).build())) {
      Path recorded = runs.resolve("recorded-" + options.quantizer() + options.splits());
      Path plain = runs.resolve("plain-" + options.quantizer() + options.splits());
      TrainingReport with =
          TrainAutoencoder.run(
              options, new MonitoringOptions(3), RunDirectory.create(recorded), new Heard());
      TrainingReport without =
          TrainAutoencoder.run(
              options, MonitoringOptions.none(), RunDirectory.create(plain), new Heard());
      assertEquals(without.testError(), with.testError());
      assertEquals(without.usage(), with.usage());
      assertEquals(without.replaced(), with.replaced());
      for (String file :
          List.of(
              TrainingReport.RECONSTRUCTIONS,
              TrainingReport.CODEBOOK,
              "model/variables/variables.data-00000-of-00001")) {
        assertArrayEquals(
            Files.readAllBytes(plain.resolve(file)), Files.readAllBytes(recorded.resolve(file)));
      }
      assertFalse(Files.exists(plain.resolve(SnapshotLog.FILE)));
      Heard read = read(recorded);
      boolean cosine = options.quantizer().isCosine();
      assertEquals(cosine, read.snapshots.get(0).similarity().isPresent());
      assertEquals(!cosine, read.snapshots.get(0).nearestDistance().isPresent());
      if (options.splits() == 2) {
        assertEquals(
            List.of("bottleneck", "bottleneck/split-0", "bottleneck/split-1"),
            read.snapshots.subList(0, 3).stream().map(Snapshot::codebook).toList());
        long[] parts = sum(read.snapshots.subList(1, 3));
        assertArrayEquals(read.snapshots.get(0).counts(), parts);
      }
    }
  }

  @Test
  void aRunThatGoesOnGoesOnWithItsLog() throws Exception {
    Path run = runs.resolve("stopped");
    AutoencoderOptions options = options().build();
    TrainingListener stops =
        new TrainingListener() {
          @Override
          public void stepped(TrainingProgress progress) {
            if (progress.step() == 15) {
              Thread.currentThread().interrupt();
            }
          }
        };
    RunDirectory directory = RunDirectory.create(run);
    assertThrows(InterruptedException.class, () -> TrainAutoencoder.run(options, directory, stops));
    assertEquals(
        List.of(RunOutcome.stopped("stopped after step 15 of 46")), read(run).ends, "it may go on");
    TrainAutoencoder.resume(run, new Heard());
    Heard read = read(run);
    assertEquals(2, read.runs.size());
    assertEquals(RunOutcome.finished(), read.ends.get(1));
    assertEquals(
        List.of(10L, 15L, 25L, 35L, 45L, 46L),
        read.snapshots.stream().map(Snapshot::step).toList());
  }

  @Test
  void aRunThatFailsSaysSo() throws Exception {
    Path run = runs.resolve("failed");
    RunDirectory directory = RunDirectory.create(run);
    Exception thrown =
        assertThrows(
            IllegalStateException.class,
            () -> TrainAutoencoder.run(options().rate(1e30).build(), directory, new Heard()));
    Heard read = read(run);
    assertEquals(List.of(RunOutcome.of(thrown)), read.ends);
    Snapshot last = read.snapshots.get(read.snapshots.size() - 1);
    assertTrue(last.notFinite().get(0).startsWith("loss "), () -> "" + last.notFinite());
  }

  /** A log that goes away, as on a full disk, costs the log and nothing else. */
  @Test
  void aLogThatIsDeletedIsWarnedOfOnce() throws Exception {
    Path run = runs.resolve("deleted");
    Heard heard =
        new Heard() {
          @Override
          public void stepped(TrainingProgress progress) {
            if (progress.step() == 12) {
              try {
                Files.delete(run.resolve(SnapshotLog.FILE));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }
        };
    TrainAutoencoder.run(options().build(), RunDirectory.create(run), heard);
    assertEquals(1, heard.warnings.size(), heard.warnings::toString);
    assertTrue(
        heard.warnings.get(0).startsWith("recording goes on without a part: cannot write "),
        heard.warnings::toString);
    assertEquals(5, heard.snapshots.size());
    try (Stream<Path> files = Files.list(run)) {
      assertTrue(
          files.anyMatch(f -> String.valueOf(f.getFileName()).equals(TrainingReport.REPORT)));
    }
  }

  @Test
  void classifiersAreRecordedToo() throws Exception {
    Path run = runs.resolve("classify");
    ClassifierOptions options =
        new ClassifierOptions(16, 5, 3, 2, 64, 1e-3, 4, 2, Optional.empty());
    List<String> warnings = new ArrayList<>();
    TrainClassifier.run(
        options,
        RunDirectory.create(run),
        new ProgressListener() {
          @Override
          public void stage(String name, int steps) {
            if (name.equals("seed 5, quantized")) {
              try {
                Files.move(run.resolve(SnapshotLog.FILE), run.resolve("moved"));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }

          @Override
          public void warned(String message) {
            warnings.add(message);
          }
        });
    assertEquals(1, warnings.size(), warnings::toString);
    Heard read = new Heard();
    new SnapshotLogReader(run.resolve("moved")).poll(read);
    assertEquals("16", read.runs.get(0).options().get("codes"));
    assertEquals(
        List.of("quantized/seed-4"),
        read.snapshots.stream().map(Snapshot::codebook).distinct().toList());
    assertEquals(List.of(10L, 20L, 30L, 40L), read.snapshots.stream().map(Snapshot::step).toList());
    assertEquals(640, read.snapshots.get(0).usage().summary().accesses());
    assertEquals(64, read.snapshots.get(0).view().orElseThrow().width());
  }

  @Test
  void theLeastUsedCodesAreThoseThatAreReplaced() {
    assertArrayEquals(new int[] {1, 3, 0}, ReplacedCodes.leastUsed(new long[] {2, 0, 9, 0, 2}, 3));
  }

  @Test
  void aNegativeNumberOfStepsIsRefused() {
    assertEquals(
        "snapshot-every must be at least 0, got -1",
        assertThrows(IllegalArgumentException.class, () -> new MonitoringOptions(-1)).getMessage());
  }
}
