/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.CodebookUsage;
import org.vqjava.monitoring.RunOutcome;

/**
 * Trains a convolutional autoencoder with a vector-quantized bottleneck on images, evaluates it on
 * images that it has not seen, saves it and checks what was saved.
 */
public final class TrainAutoencoder {
  /** Enough images for a codebook to start from, few enough to choose codes among them quickly. */
  private static final int STARTING_IMAGES = 1024;

  /** The saved model runs the same operations on the same values: any more is a defect. */
  private static final double RELOAD_TOLERANCE = 1e-5;

  private static final int IMAGES_COMPARED = 1000;
  private static final int PAIRS_SHOWN = 40;
  private static final int PAIRS_IN_A_ROW = 8;

  private final AutoencoderOptions options;
  private final MonitoringOptions monitoring;
  private final RunDirectory directory;
  private final TrainingListener listener;
  private final ImageSet train;
  private final ImageSet test;
  private final ImageData data;
  private final Optional<InitialWeights> weights;

  /** Gives the options once the images are known. */
  @FunctionalInterface
  private interface Choice {
    AutoencoderOptions forImages(
        int starting, ImageFormat format, Optional<InitialWeights> weights);
  }

  private TrainAutoencoder(
      Optional<Path> path,
      Optional<Path> initFrom,
      Choice choice,
      MonitoringOptions monitoring,
      RunDirectory directory,
      TrainingListener listener)
      throws IOException {
    this.monitoring = monitoring;
    this.directory = directory;
    this.listener = listener;
    this.data = ImageData.of(path);
    this.train = data.train();
    this.test = data.test();
    this.weights =
        initFrom.isPresent() ? Optional.of(InitialWeights.of(initFrom.get())) : Optional.empty();
    this.options = choice.forImages(startingImages(), train.format(), weights);
  }

  /**
   * Runs the whole job. It leaves in the directory: the SavedModel {@value TrainingReport#MODEL}
   * with the signatures {@code encode}, {@code decode} and {@code reconstruct}, the pictures
   * {@value TrainingReport#RECONSTRUCTIONS} and {@value TrainingReport#CODEBOOK}, the figures
   * {@value TrainingReport#REPORT}, an event file for TensorBoard and a log for the dashboard,
   * {@value org.vqjava.monitoring.SnapshotLog#FILE}, which are there even if the job fails, and a
   * checkpoint, which is written after each epoch.
   *
   * <p>Same options, machine and number of threads: same bits. Cost: with the defaults some seconds
   * of two cores, 0.5 GB.
   *
   * <pre>{@code
   * TrainingReport report =
   *     TrainAutoencoder.run(
   *         AutoencoderOptions.defaults(),
   *         RunDirectory.createNext(Path.of("runs"), "digits"),
   *         new TrainingListener() {});
   * report.testError();
   * }</pre>
   *
   * @param options what is trained, and how
   * @param directory takes the files
   * @param listener hears how far it is
   * @return the figures on the test images
   * @throws IllegalArgumentException if the options do not fit each other or the images
   * @throws IllegalStateException if the loss is no longer a number, or the saved model answers
   *     differently from the trained one
   * @throws InterruptedException if the thread is interrupted; a checkpoint has been written then
   * @throws IOException if a file cannot be read or written
   */
  public static TrainingReport run(
      AutoencoderOptions options, RunDirectory directory, TrainingListener listener)
      throws IOException, InterruptedException {
    return run(options, MonitoringOptions.defaults(), directory, listener);
  }

  /**
   * The same, and says what is recorded.
   *
   * @param options what is trained, and how
   * @param monitoring what is recorded of the codebook
   * @param directory takes the files
   * @param listener hears how far it is
   * @return the figures on the test images
   * @throws IllegalArgumentException if the options do not fit each other or the images
   * @throws IllegalStateException as {@link #run(AutoencoderOptions, RunDirectory,
   *     TrainingListener)}
   * @throws InterruptedException if the thread is interrupted; a checkpoint has been written then
   * @throws IOException if a file cannot be read or written
   */
  public static TrainingReport run(
      AutoencoderOptions options,
      MonitoringOptions monitoring,
      RunDirectory directory,
      TrainingListener listener)
      throws IOException, InterruptedException {
    return new TrainAutoencoder(
            options.data(),
            options.initFrom(),
            (starting, format, weights) -> options,
            monitoring,
            directory,
            listener)
        .run(Optional.empty());
  }

  /**
   * The same, where what was not chosen fits the images.
   *
   * @param chosen what was chosen; the report tells what became of the rest
   * @param monitoring what is recorded of the codebook
   * @param directory takes the files
   * @param listener hears how far it is
   * @return the figures on the test images
   * @throws IllegalArgumentException if what was chosen does not fit together or the images
   * @throws IllegalStateException as {@link #run(AutoencoderOptions, RunDirectory,
   *     TrainingListener)}
   * @throws InterruptedException if the thread is interrupted; a checkpoint has been written then
   * @throws IOException if a file cannot be read or written
   */
  public static TrainingReport run(
      AutoencoderOptionsBuilder chosen,
      MonitoringOptions monitoring,
      RunDirectory directory,
      TrainingListener listener)
      throws IOException, InterruptedException {
    AutoencoderOptions sound = chosen.build();
    return new TrainAutoencoder(
            sound.data(),
            sound.initFrom(),
            (starting, format, weights) ->
                weights
                    .map(from -> chosen.build(starting, format, from.usual()))
                    .orElseGet(() -> chosen.build(starting, format)),
            monitoring,
            directory,
            listener)
        .run(Optional.empty());
  }

  /**
   * Goes on with a run from its newest checkpoint, however it ended. What it comes to is, bit for
   * bit, what the run would have come to without the interruption; the event files show the steps
   * after the checkpoint twice, and the log takes them anew.
   *
   * @param directory of the run
   * @param listener hears how far it is
   * @return the figures on the test images
   * @throws IllegalArgumentException if there is no checkpoint, or the run came to its end
   * @throws IllegalStateException as {@link #run}
   * @throws InterruptedException as {@link #run}
   * @throws IOException if a file cannot be read or written
   */
  public static TrainingReport resume(Path directory, TrainingListener listener)
      throws IOException, InterruptedException {
    Checkpoint checkpoint = Checkpoint.newest(directory);
    return resume(directory, checkpoint, checkpoint.options(), listener);
  }

  /**
   * Goes on with a run that came to its end, or did not, for more epochs than it had. What it comes
   * to is, bit for bit, what it would have come to with so many from the start; model, pictures and
   * report are replaced when the new ones are there.
   *
   * @param directory of the run
   * @param epochs how often each image is seen in all, more often than before
   * @param listener hears how far it is
   * @return the figures on the test images
   * @throws IllegalArgumentException if there is no checkpoint, or the run had as many epochs
   * @throws IllegalStateException as {@link #run}
   * @throws InterruptedException as {@link #run}
   * @throws IOException if a file cannot be read or written
   */
  public static TrainingReport resume(Path directory, int epochs, TrainingListener listener)
      throws IOException, InterruptedException {
    Checkpoint checkpoint = Checkpoint.newest(directory);
    int before = checkpoint.options().epochs();
    if (epochs <= before) {
      throw new IllegalArgumentException(
          "epochs must be more than the " + before + " of the run, got " + epochs);
    }
    AutoencoderOptions options = checkpoint.options().toBuilder().epochs(epochs).build();
    return resume(directory, checkpoint, options, listener);
  }

  private static TrainingReport resume(
      Path directory, Checkpoint checkpoint, AutoencoderOptions options, TrainingListener listener)
      throws IOException, InterruptedException {
    return new TrainAutoencoder(
            options.data(),
            Optional.empty(),
            (starting, format, weights) -> options,
            MonitoringOptions.defaults(),
            RunDirectory.existing(directory),
            listener)
        .run(Optional.of(checkpoint));
  }

  private TrainingReport run(Optional<Checkpoint> checkpoint)
      throws IOException, InterruptedException {
    checkEnough();
    listener.settled(options.byName(), data.told());
    BatchOrder order = new BatchOrder(train.count(), options.batch(), options.seed());
    int steps = Math.multiplyExact(order.stepsAnEpoch(), options.epochs());
    if (checkpoint.isPresent()) {
      checkThatItGoesOn(checkpoint.get(), steps);
    }
    try (AutoencoderTrainer trainer =
            new AutoencoderTrainer(options, train.format(), monitoring.recorded());
        TrainingEvents events = new TrainingEvents(directory.path(), options);
        @Nullable TrainingMonitor monitor = monitor(trainer, events, steps)) {
      try {
        TrainingReport report = train(trainer, events, monitor, order, steps, checkpoint);
        ended(monitor, RunOutcome.finished());
        return report;
      } catch (Throwable e) {
        ended(monitor, RunOutcome.of(e));
        throw e;
      }
    }
  }

  private static void ended(@Nullable TrainingMonitor monitor, RunOutcome outcome) {
    if (monitor != null) {
      monitor.ended(outcome);
    }
  }

  private TrainingReport train(
      AutoencoderTrainer trainer,
      TrainingEvents events,
      @Nullable TrainingMonitor monitor,
      BatchOrder order,
      int steps,
      Optional<Checkpoint> checkpoint)
      throws IOException, InterruptedException {
    CodebookUsage usage = new CodebookUsage(options.codes(), order.stepsAnEpoch());
    listener.started(steps);
    long begun = System.nanoTime();
    if (checkpoint.isPresent()) {
      trainer.restore(checkpoint.get());
    } else if (weights.isPresent()) {
      trainer.initialize(weights.get());
    } else {
      try (TFloat32 first = train.batch(order.beforeFirst(startingImages()))) {
        trainer.initialize(first);
      }
    }
    long replaced = checkpoint.map(Checkpoint::replaced).orElse(0L);
    if (checkpoint.isPresent() && leftOut(checkpoint.get(), order.stepsAnEpoch(), steps)) {
      replaced += replace(trainer, monitor, checkpoint.get().step());
    }
    for (int step = checkpoint.map(Checkpoint::step).orElse(0) + 1; step <= steps; step++) {
      AutoencoderTrainer.Step done;
      try (TFloat32 batch = train.batch(order.of(step))) {
        done = trainer.step(batch);
      }
      usage.add(done.accessCount());
      if (monitor != null) {
        monitor.step(step, done); // before the check: what ends the training is in the log
      }
      checkFinite(done.loss(), step);
      if (isReplacedAfter(step, steps)) {
        replaced += replace(trainer, monitor, step);
      }
      TrainingProgress progress =
          new TrainingProgress(
              step,
              steps,
              (step - 1) / order.stepsAnEpoch() + 1,
              step % order.stepsAnEpoch() == 0,
              done.loss(),
              done.reconstructionError(),
              usage.summary(),
              replaced);
      events.step(progress);
      if (progress.endOfEpoch()) {
        events.epoch(step, trainer.evaluate(test));
      }
      listener.stepped(progress);
      saveWhereDue(trainer, progress);
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return finish(trainer, events, steps, replaced, seconds);
  }

  private void checkThatItGoesOn(Checkpoint checkpoint, int steps) {
    if (checkpoint.step() >= steps
        && Files.exists(directory.path().resolve(TrainingReport.REPORT))) {
      throw new IllegalArgumentException(
          "resume must be the directory of a run that did not come to its end, or goes on for more"
              + " epochs than its "
              + options.epochs()
              + ", got "
              + directory.path());
    }
  }

  /** Not after the last step, where nothing would learn what to do with a new code. */
  private boolean isReplacedAfter(int step, int steps) {
    return options.replaced() > 0 && step % options.replaceEvery() == 0 && step < steps;
  }

  /** Whether a step was the last of a run, and is not any more. */
  private boolean leftOut(Checkpoint checkpoint, int stepsAnEpoch, int steps) {
    return checkpoint.step() == checkpoint.options().epochs() * stepsAnEpoch
        && isReplacedAfter(checkpoint.step(), steps);
  }

  private static int replace(
      AutoencoderTrainer trainer, @Nullable TrainingMonitor monitor, int step) {
    int[] codes = trainer.replace();
    if (monitor != null && codes.length > 0) {
      monitor.replaced(step, codes);
    }
    return codes.length;
  }

  private @Nullable TrainingMonitor monitor(
      AutoencoderTrainer trainer, TrainingEvents events, int steps) {
    return monitoring.recorded()
        ? new TrainingMonitor(
            monitoring, options, trainer, directory.path(), events.writer(), steps, listener)
        : null;
  }

  /** At the end of an epoch, and where the thread is to stop. */
  private void saveWhereDue(AutoencoderTrainer trainer, TrainingProgress progress)
      throws IOException, InterruptedException {
    boolean interrupted = Thread.interrupted();
    if (progress.endOfEpoch() || interrupted) {
      trainer.saveCheckpoint(directory, progress.step(), progress.replaced());
    }
    if (interrupted) {
      throw new InterruptedException(
          "stopped after step " + progress.step() + " of " + progress.steps());
    }
  }

  private int startingImages() {
    return Math.min(STARTING_IMAGES, train.count());
  }

  private void checkEnough() {
    long pieces = Autoencoder.positions(options, train.format()).tail().size() * startingImages();
    if (weights.isEmpty() && options.start().needsAPieceForEachCode() && options.codes() > pieces) {
      throw new IllegalArgumentException(
          "codes must be at most the "
              + pieces
              + " latent vectors that they start from, got "
              + options.codes());
    }
  }

  private TrainingReport finish(
      AutoencoderTrainer trainer, TrainingEvents events, int steps, long replaced, double seconds)
      throws IOException {
    listener.finishing("drawing");
    AutoencoderTrainer.Evaluation result = trainer.evaluate(test);
    BufferedImage pairs =
        Pictures.pairs(
            test.range(0, Math.min(PAIRS_SHOWN, test.count())),
            result.reconstructions(),
            PAIRS_IN_A_ROW);
    BufferedImage codes = Pictures.codebook(trainer.codes(), result.accessCount());
    directory.write(TrainingReport.RECONSTRUCTIONS, Pictures.png(pairs));
    directory.write(TrainingReport.CODEBOOK, Pictures.png(codes));

    listener.finishing("saving the model and loading it again");
    Path model = directory.path().resolve(TrainingReport.MODEL);
    trainer.save(model, data.scale());
    double difference = reloadDifference(model, result.reconstructions());

    TrainingReport report =
        new TrainingReport(
            options,
            result.reconstructionError(),
            train.meanImageError(test),
            CodebookUsage.Summary.of(result.accessCount()),
            replaced,
            steps,
            seconds,
            difference,
            directory.path());
    directory.write(TrainingReport.REPORT, report.toJson());
    events.finished(steps, pairs, codes);
    return report;
  }

  /** How far the saved model is from the trained one, both at once and by way of indices. */
  private double reloadDifference(Path model, ImageSet reconstructions) {
    try (AutoencoderModel loaded = AutoencoderModel.load(model)) {
      int count = Math.min(IMAGES_COMPARED, test.count());
      ImageSet some = test.range(0, count);
      ImageSet expected = reconstructions.range(0, count);
      Shape positions = Autoencoder.positions(options, test.format());
      ImageSet decoded = loaded.decode(loaded.encode(some), positions, test.format());
      double difference =
          Math.max(
              expected.largestDifference(loaded.reconstruct(some)),
              expected.largestDifference(decoded));
      if (!(difference <= RELOAD_TOLERANCE)) {
        throw new IllegalStateException(
            "the saved model must answer as the trained one, but a pixel differs by " + difference);
      }
      return difference;
    }
  }

  private static void checkFinite(double loss, int step) {
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException(
          "the loss is " + loss + " at step " + step + ": try a lower rate or lower loss weights");
    }
  }
}
