/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.workflow.ClassifierReport.Attack;

/** Classifiers with and without a layer, attacked. */
class TrainClassifierTest {
  private final Path directory;

  TrainClassifierTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private ClassifierReport run(ClassifierOptions options, ProgressListener listener)
      throws IOException, InterruptedException {
    return TrainClassifier.run(options, RunDirectory.createNext(directory, "run"), listener);
  }

  @Test
  void classifiesAndIsAttackedTheSameWayEachTime() throws Exception {
    ClassifierOptions options = ClassifierOptions.defaults().withEpochs(8).withSeeds(1);
    List<String> heard = new ArrayList<>();
    ClassifierReport report =
        run(
            options,
            new ProgressListener() {
              @Override
              public void stage(String name, int steps) {
                heard.add(name + " " + steps);
              }
            });
    assertEquals(List.of("seed 1, plain 184", "seed 1, quantized 184", "drawing 0"), heard);
    for (ClassifierNetwork network : ClassifierNetwork.values()) {
      double clean = report.of(network, new Attack(0, false)).getAverage();
      double weak = report.of(network, new Attack(0.1, false)).getAverage();
      double strong = report.of(network, new Attack(0.2, false)).getAverage();
      assertTrue(clean > 0.8, () -> network + " " + clean);
      assertTrue(weak < clean - 0.1 && strong < weak - 0.1, () -> network + " " + weak);
    }
    for (double strength : new double[] {0.1, 0.2}) {
      assertEquals(
          report.of(ClassifierNetwork.PLAIN, new Attack(strength, false)).getAverage(),
          report.of(ClassifierNetwork.PLAIN, new Attack(strength, true)).getAverage(),
          "what was made against the plain network is the same images for it");
    }
    assertEquals(report.accuracies(), run(options, new ProgressListener() {}).accuracies());

    for (String picture : List.of(ClassifierReport.ACCURACY, ClassifierReport.SIMILARITY)) {
      assertNotNull(ImageIO.read(report.directory().resolve(picture).toFile()), picture);
    }
    JsonNode json =
        new ObjectMapper().readTree(report.directory().resolve(ClassifierReport.REPORT).toFile());
    assertEquals(15, json.get("accuracies").size());
    assertEquals(8, json.get("options").get("epochs").intValue());
  }

  /** The sign of the loss' slope by finite differences, where it is steep. */
  @Test
  void anAttackMovesEachPixelWhereTheLossRises() {
    LabelledImages images = Digits.test().range(0, 1);
    try (Graph graph = new Graph()) {
      Classifier model = new Classifier(graph, ImageFormat.ink(8, 8), 10, 1);
      Classifier.Branch plain = model.plain();
      try (Session session = new Session(graph)) {
        session.initialize();
        float[] before = images.images().image(0);
        float[] after = new float[64];
        try (TFloat32 fed = images.images().all();
            TInt32 labels = images.labelTensor();
            TFloat32 strength = TFloat32.scalarOf(0.25f);
            Result result =
                session
                    .runner()
                    .feed(model.images, fed)
                    .feed(model.labels, labels)
                    .feed(model.strength, strength)
                    .fetch(plain.attacked())
                    .run()) {
          result.get(0).asRawTensor().data().asFloats().read(after);
        }
        int steep = 0;
        for (int p = 0; p < 64; p++) {
          double slope = slope(session, model, plain, images, p);
          if (Math.abs(slope) > 1e-3) {
            steep++;
            double moved = before[p] + 0.25 * Math.signum(slope);
            assertEquals(Math.max(0, Math.min(1, moved)), after[p], 1e-6, "pixel " + p);
          }
        }
        assertTrue(steep > 20, "slopes that were compared: " + steep);
      }
    }
  }

  private static double slope(
      Session session, Classifier model, Classifier.Branch branch, LabelledImages images, int p) {
    double difference = 0;
    for (float sign : new float[] {1, -1}) {
      float[] moved = images.images().image(0);
      moved[p] += sign * 1e-2f;
      try (TFloat32 fed = new ImageSet(moved, ImageFormat.ink(8, 8)).all();
          TInt32 labels = images.labelTensor();
          Result result =
              session
                  .runner()
                  .feed(model.images, fed)
                  .feed(model.labels, labels)
                  .fetch(branch.loss())
                  .run()) {
        difference += sign * ((TFloat32) result.get(0)).getFloat();
      }
    }
    return difference / 2e-2;
  }

  @Test
  void examplesAreTheirOwnNearestCodes() {
    LabelledImages examples = Digits.train().range(0, 40);
    try (ClassifierTrainer trainer =
        ClassifierTrainer.plainAndVoted(
            ClassifierOptions.defaults(), Digits.train(), examples.labels(), 1)) {
      trainer.startCodebook(examples.images());
      for (float similarity : trainer.similarities(examples)) {
        assertEquals(1, similarity, 1e-5);
      }
    }
  }

  @Test
  void stopsWhereTheThreadIsInterruptedAndLeavesOnlyItsLogs() throws IOException {
    Thread.currentThread().interrupt();
    InterruptedException stopped =
        assertThrows(
            InterruptedException.class,
            () -> run(ClassifierOptions.defaults(), new ProgressListener() {}));
    assertEquals("stopped in seed 1, plain; nothing is saved", stopped.getMessage());
    try (Stream<Path> left = Files.walk(directory).filter(Files::isRegularFile)) {
      assertEquals(
          List.of("events.out.tfevents", "snapshots.vql"),
          left.map(f -> String.valueOf(f.getFileName()).replaceFirst("(tfevents).*", "$1"))
              .sorted()
              .toList());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0, 20, 5, 1, 1e-3, 1    | codes must be at least 1, got 0",
        "64, 0, 5, 1, 1e-3, 1    | examples must be at least 1, got 0",
        "64, 20, 0, 1, 1e-3, 1   | neighbours must be at least 1, got 0",
        "64, 20, 5, 0, 1e-3, 1   | epochs must be at least 1, got 0",
        "64, 20, 5, 1, NaN, 1    | rate must be positive and finite, got NaN",
        "64, 20, 5, 1, 1e-3, 0   | seeds must be at least 1, got 0",
        "1025, 20, 5, 1, 1e-3, 1 | codes must be at most the 1024 images that they start from, got 1025",
        "64, 200, 5, 1, 1e-3, 1  | examples must be at most the 141 training images that the smallest class has, got 200",
        "64, 1, 11, 1, 1e-3, 1   | neighbours must be at most the 10 labelled codes, got 11",
      })
  void whatDoesNotFitIsRefused(String numbers, String message) {
    String[] n = numbers.split(",\\s*", -1);
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    run(
                        new ClassifierOptions(
                            Integer.parseInt(n[0]),
                            Integer.parseInt(n[1]),
                            Integer.parseInt(n[2]),
                            Integer.parseInt(n[3]),
                            64,
                            Double.parseDouble(n[4]),
                            1,
                            Integer.parseInt(n[5]),
                            Optional.empty()),
                        new ProgressListener() {}))
            .getMessage());
  }

  @Test
  void aLossThatIsNoNumberIsTold() {
    ClassifierOptions options =
        new ClassifierOptions(64, 20, 5, 5, 64, 1e30, 1, 1, Optional.empty());
    IllegalStateException failed =
        assertThrows(IllegalStateException.class, () -> run(options, new ProgressListener() {}));
    assertTrue(
        String.valueOf(failed.getMessage())
            .matches("the loss is .* at step \\d+; try a lower rate"),
        failed::getMessage);
  }
}
