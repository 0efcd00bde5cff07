/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.SavedModelBundle;
import org.vqjava.ops.SearchMode;

/** A run that was interrupted or killed comes to what it would have come to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResumeTest {
  private static final int KILLS = 4;
  private static final int STEPS_AN_EPOCH = 23;
  private static final long SEED = 11;

  private final Path runs;
  private final TrainingReport straight;

  ResumeTest(@TempDir Path runs) throws Exception {
    this.runs = runs;
    this.straight =
        TrainAutoencoder.run(
            options(), RunDirectory.create(runs.resolve("straight")), new TrainingListener() {});
  }

  static AutoencoderOptions options() {
    return new AutoencoderOptions(
        32,
        8,
        1,
        Quantizer.L2,
        SearchMode.FAST,
        0,
        CodebookStart.K_MEANS_PLUS_PLUS,
        1,
        1e-4,
        1e-6,
        1,
        8,
        7,
        8,
        64,
        1e-3,
        3,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void anInterruptSavesAndTheRunGoesOnFromThatStep() throws Exception {
    Path run = runs.resolve("interrupted");
    TrainingListener interrupting =
        new TrainingListener() {
          @Override
          public void stepped(TrainingProgress progress) {
            if (progress.step() == 30) {
              Thread.currentThread().interrupt();
            }
          }
        };
    var thrown =
        assertThrows(
            InterruptedException.class,
            () -> TrainAutoencoder.run(options(), RunDirectory.create(run), interrupting));
    assertEquals("stopped after step 30 of 184", thrown.getMessage());
    assertEquals(30, Checkpoint.newest(run).step());

    int[] first = {0};
    TrainingReport resumed =
        TrainAutoencoder.resume(
            run,
            new TrainingListener() {
              @Override
              public void stepped(TrainingProgress progress) {
                first[0] = first[0] == 0 ? progress.step() : first[0];
              }
            });
    assertEquals(31, first[0]);
    assertSame(resumed);
  }

  /** Moments are told by steps, as a clock tells little on a machine that is busy. */
  @Test
  void aRunThatIsKilledAtAnyMomentComesToTheSame() throws Exception {
    Path run = runs.resolve("killed");
    Random random = new Random(SEED);
    for (int i = 0; i < KILLS; i++) {
      int last = i == 0 ? STEPS_AN_EPOCH : Checkpoint.newest(run).step();
      killAfter(run, last + 1 + random.nextInt(STEPS_AN_EPOCH + 2), random.nextInt(20));
      assertTrue(Checkpoint.newest(run).step() >= last, "what was saved is lost");
    }
    assertSame(TrainAutoencoder.resume(run, new TrainingListener() {}));
  }

  private void killAfter(Path run, int step, int milliseconds) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path",
                    Objects.requireNonNull(System.getProperty("java.class.path"))),
                ResumedProcess.class.getName(),
                run.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertTrue(out.lines().anyMatch(line -> line.equals("step " + step)), "step " + step);
      Thread.sleep(milliseconds);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aRunThatCameToItsEndIsNotRunAgain() {
    Path run = runs.resolve("straight");
    assertEquals(
        "resume must be the directory of a run that did not come to its end, or goes on for more"
            + " epochs than its 8, got "
            + run,
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainAutoencoder.resume(run, new TrainingListener() {}))
            .getMessage());
    Path absent = runs.resolve("absent");
    assertEquals(
        "resume must be the directory of a run that has saved a checkpoint, got " + absent,
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainAutoencoder.resume(absent, new TrainingListener() {}))
            .getMessage());
  }

  /** Its last step is one after which codes are replaced: not in the short run, but in the long. */
  @Test
  void aFinishedRunGoesOnToMoreEpochsBitForBit() throws Exception {
    Path run = runs.resolve("longer");
    AutoencoderOptions few = options().toBuilder().epochs(7).build();
    TrainAutoencoder.run(few, RunDirectory.create(run), new TrainingListener() {});
    assertEquals(0, 7 * STEPS_AN_EPOCH % few.replaceEvery());
    for (int epochs : new int[] {0, 6, 7}) {
      assertEquals(
          "epochs must be more than the 7 of the run, got " + epochs,
          assertThrows(
                  IllegalArgumentException.class,
                  () -> TrainAutoencoder.resume(run, epochs, new TrainingListener() {}))
              .getMessage());
    }
    TrainingReport resumed = TrainAutoencoder.resume(run, 8, new TrainingListener() {});
    assertEquals(options(), resumed.options());
    assertSame(resumed);
  }

  /** What came to its end stays as it was until there is more. */
  @Test
  void aRunThatIsStoppedOnItsWayToMoreEpochsGoesOn() throws Exception {
    Path run = runs.resolve("stopped");
    AutoencoderOptions few = options().toBuilder().epochs(2).build();
    TrainAutoencoder.run(few, RunDirectory.create(run), new TrainingListener() {});
    byte[] report = Files.readAllBytes(run.resolve(TrainingReport.REPORT));
    TrainingListener interrupting =
        new TrainingListener() {
          @Override
          public void stepped(TrainingProgress progress) {
            if (progress.step() == 100) {
              Thread.currentThread().interrupt();
            }
          }
        };
    assertThrows(InterruptedException.class, () -> TrainAutoencoder.resume(run, 8, interrupting));
    assertArrayEquals(report, Files.readAllBytes(run.resolve(TrainingReport.REPORT)));
    assertTrue(Files.exists(run.resolve("model/saved_model.pb")));
    assertSame(TrainAutoencoder.resume(run, new TrainingListener() {}));
  }

  private void assertSame(TrainingReport resumed) throws IOException {
    assertEquals(straight.testError(), resumed.testError());
    assertEquals(straight.usage(), resumed.usage());
    assertEquals(straight.replaced(), resumed.replaced());
    for (String picture : List.of(TrainingReport.RECONSTRUCTIONS, TrainingReport.CODEBOOK)) {
      assertArrayEquals(
          Files.readAllBytes(straight.directory().resolve(picture)),
          Files.readAllBytes(resumed.directory().resolve(picture)));
    }
    assertArrayEquals(codebook(straight), codebook(resumed));
    try (Stream<Path> left = Files.list(resumed.directory().resolve("checkpoints"))) {
      assertEquals(
          List.of("step-0000184"), left.map(p -> String.valueOf(p.getFileName())).toList());
    }
  }

  private static float[] codebook(TrainingReport report) {
    try (SavedModelBundle model =
            SavedModelBundle.load(report.directory().resolve(TrainingReport.MODEL).toString());
        var result = model.session().runner().fetch("codebook-values/Add").run()) {
      return AutoencoderModel.pixels(result.get(0));
    }
  }
}
