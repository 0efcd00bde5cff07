/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.workflow.ClassifierReport.Accuracy;
import org.vqjava.workflow.ClassifierReport.Attack;

/**
 * Trains classifiers with and without a layer in their middle and attacks them: the job that the
 * look-up by a vote was made for.
 */
public final class TrainClassifier {
  /** Enough images for a codebook to start from, few enough to choose codes among them quickly. */
  private static final int STARTING_IMAGES = 1024;

  private static final int REPLACE_EVERY = 7;

  private final ClassifierOptions options;
  private final RunDirectory directory;
  private final ProgressListener listener;
  private final LabelledImages train;
  private final LabelledImages test;
  private final String told;
  private final List<Accuracy> accuracies = new ArrayList<>();
  private final Map<String, float[]> similarities = new LinkedHashMap<>();

  /** Gives the options once the images are known. */
  @FunctionalInterface
  private interface Choice {
    ClassifierOptions forImages(int starting, LabelledImages train);
  }

  private TrainClassifier(
      Optional<Path> data, Choice choice, RunDirectory directory, ProgressListener listener)
      throws IOException {
    this.directory = directory;
    this.listener = listener;
    LabelledData images = LabelledData.of(data);
    this.train = images.train();
    this.test = images.test();
    this.told = images.told();
    this.options = choice.forImages(starting(), train);
  }

  /**
   * Runs the whole job, for each seed: trains a plain network and one with a codebook in its
   * middle; makes a third of the plain one, whose features become those of labelled training images
   * by a vote; classifies the test images with all three, as they are and attacked by the fast
   * gradient sign method. Each network is attacked through its own gradient, which passes a layer
   * unchanged, and those with a layer also by the images that were made against the plain one: a
   * network whose gradient merely misleads withstands the first and falls for the second (Athalye,
   * Carlini, Wagner 2018, arXiv:1802.00420).
   *
   * <p>It leaves in the directory the pictures {@value ClassifierReport#ACCURACY} and {@value
   * ClassifierReport#SIMILARITY}, the figures {@value ClassifierReport#REPORT}, and what became of
   * the codebooks: a log for the dashboard and an event file for TensorBoard.
   *
   * <p>Same options, machine and number of threads: same accuracies. Cost: with the defaults ten
   * seconds of two cores.
   *
   * <pre>{@code
   * ClassifierReport report =
   *     TrainClassifier.run(
   *         ClassifierOptions.defaults(),
   *         RunDirectory.createNext(Path.of("runs"), "classify"),
   *         new ProgressListener() {});
   * }</pre>
   *
   * @param options what is trained, and how
   * @param directory takes the files
   * @param listener hears how far it is
   * @return the accuracies on the test images
   * @throws IllegalArgumentException if the options do not fit each other or the images
   * @throws IllegalStateException if the loss is no longer a number
   * @throws InterruptedException if the thread is interrupted; nothing is saved then
   * @throws IOException if a file cannot be read or written
   */
  public static ClassifierReport run(
      ClassifierOptions options, RunDirectory directory, ProgressListener listener)
      throws IOException, InterruptedException {
    return new TrainClassifier(options.data(), (starting, train) -> options, directory, listener)
        .run();
  }

  /**
   * The same, where what was not chosen fits the images.
   *
   * @param chosen what was chosen; the report tells what became of the rest
   * @param directory takes the files
   * @param listener hears how far it is
   * @return the accuracies on the test images
   * @throws IllegalArgumentException if what was chosen does not fit the images
   * @throws IllegalStateException if the loss is no longer a number
   * @throws InterruptedException if the thread is interrupted; nothing is saved then
   * @throws IOException if a file cannot be read or written
   */
  public static ClassifierReport run(
      ClassifierOptionsBuilder chosen, RunDirectory directory, ProgressListener listener)
      throws IOException, InterruptedException {
    return new TrainClassifier(chosen.build().data(), chosen::build, directory, listener).run();
  }

  private int starting() {
    return Math.min(STARTING_IMAGES, train.count());
  }

  private ClassifierReport run() throws IOException, InterruptedException {
    checkEnoughImages();
    listener.settled(options.byName(), told);
    long begun = System.nanoTime();
    try (ClassifierMonitor monitor = new ClassifierMonitor(options, directory.path(), listener)) {
      try {
        for (int s = 0; s < options.seeds(); s++) {
          trySeed(options.seed() + s, monitor);
        }
        monitor.ended(RunOutcome.finished());
      } catch (Throwable e) {
        monitor.ended(RunOutcome.of(e));
        throw e;
      }
    }
    listener.stage("drawing", 0);
    ClassifierReport report =
        new ClassifierReport(
            options, accuracies, (System.nanoTime() - begun) / 1e9, directory.path());
    directory.write(ClassifierReport.ACCURACY, Pictures.png(ClassifierPictures.accuracy(report)));
    directory.write(
        ClassifierReport.SIMILARITY, Pictures.png(ClassifierPictures.similarity(similarities)));
    directory.write(ClassifierReport.REPORT, report.toJson());
    return report;
  }

  private void checkEnoughImages() {
    if (options.codes() > starting()) {
      throw new IllegalArgumentException(
          "codes must be at most the "
              + starting()
              + " images that they start from, got "
              + options.codes());
    }
    int fewest = train.fewestOfAClass();
    if (options.examples() > fewest) {
      throw new IllegalArgumentException(
          "examples must be at most the "
              + fewest
              + " training images that the smallest class has, got "
              + options.examples());
    }
    int codes = options.examples() * train.classes();
    if (options.neighbours() > codes) {
      throw new IllegalArgumentException(
          "neighbours must be at most the "
              + codes
              + " labelled codes, got "
              + options.neighbours());
    }
  }

  private void trySeed(long seed, ClassifierMonitor monitor) throws InterruptedException {
    LabelledImages examples = examples(seed);
    Map<Attack, LabelledImages> transferred = new LinkedHashMap<>();
    try (ClassifierTrainer trainer =
        ClassifierTrainer.plainAndVoted(options, train, examples.labels(), seed)) {
      train(
          trainer,
          "seed " + seed + ", plain",
          seed,
          (step, last, done) -> {
            // There is no codebook to look at.
          });
      trainer.startCodebook(examples.images());
      for (Attack attack : Attack.ALL) {
        if (attack.transferred()) {
          transferred.put(attack, trainer.attack(ClassifierNetwork.PLAIN, test, attack.strength()));
        }
      }
      measure(trainer, ClassifierNetwork.PLAIN, seed, transferred);
      measure(trainer, ClassifierNetwork.VOTED, seed, transferred);
      if (similarities.isEmpty()) {
        for (Attack attack : Attack.ALL) {
          if (!attack.transferred()) {
            similarities.put(
                attack.label(),
                trainer.similarities(
                    trainer.attack(ClassifierNetwork.VOTED, test, attack.strength())));
          }
        }
      }
    }
    try (ClassifierTrainer trainer = ClassifierTrainer.quantized(options, train, seed)) {
      int[] first = new BatchOrder(train.count(), options.batch(), seed).beforeFirst(starting());
      trainer.startCodebook(train.images().some(first));
      train(
          trainer,
          "seed " + seed + ", quantized",
          seed,
          (step, last, done) -> {
            monitor.step(seed, step, done, trainer);
            if (step % REPLACE_EVERY == 0 && !last) {
              int[] codes = trainer.replaceUnusedCodes();
              if (codes.length > 0) {
                monitor.replaced(seed, step, codes);
              }
            }
          });
      measure(trainer, ClassifierNetwork.QUANTIZED, seed, transferred);
    }
  }

  /** Equally many training images of each class, the first ones of the seed's order. */
  private LabelledImages examples(long seed) {
    int[] left = new int[train.classes()];
    Arrays.fill(left, options.examples());
    int[] order = new BatchOrder(train.count(), options.batch(), seed).beforeFirst(train.count());
    return train.some(Arrays.stream(order).filter(i -> left[train.labels()[i]]-- > 0).toArray());
  }

  @FunctionalInterface
  private interface AfterStep {
    void stepped(int step, boolean last, ClassifierTrainer.Step done);
  }

  private void train(ClassifierTrainer trainer, String stage, long seed, AfterStep after)
      throws InterruptedException {
    BatchOrder order = new BatchOrder(train.count(), options.batch(), seed);
    int steps = Math.multiplyExact(order.stepsAnEpoch(), options.epochs());
    listener.stage(stage, steps);
    for (int step = 1; step <= steps; step++) {
      ClassifierTrainer.Step done = trainer.step(train.some(order.of(step)));
      double loss = done.loss();
      after.stepped(step, step == steps, done); // before the check: what ends it is in the log
      if (!Double.isFinite(loss)) {
        throw new IllegalStateException(
            "the loss is " + loss + " at step " + step + "; try a lower rate");
      }
      listener.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss));
      if (Thread.interrupted()) {
        throw new InterruptedException("stopped in " + stage + "; nothing is saved");
      }
    }
  }

  private void measure(
      ClassifierTrainer trainer,
      ClassifierNetwork network,
      long seed,
      Map<Attack, LabelledImages> transferred) {
    for (Attack attack : Attack.ALL) {
      LabelledImages images =
          attack.transferred()
              ? Objects.requireNonNull(transferred.get(attack))
              : trainer.attack(network, test, attack.strength());
      accuracies.add(new Accuracy(network, seed, attack, trainer.accuracy(network, images)));
    }
  }
}
