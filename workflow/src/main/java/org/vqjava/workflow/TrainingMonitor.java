/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.monitoring.CodeImages;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.EventFileWriter;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;
import org.vqjava.monitoring.TensorBoardSink;

/**
 * Records the codebook of an autoencoder: into the log, into the event file, and to whoever
 * listens. A sink that fails is dropped and told of; the training goes on.
 */
final class TrainingMonitor implements AutoCloseable {
  /** What the codebook is called; its splits are parts of it. */
  static final String CODEBOOK = "bottleneck";

  /** Decoding all codes takes as long as a step or two. */
  private static final int IMAGES_A_RUN = 12;

  private static final int MOST_DECODED = 1024;

  private final AutoencoderOptions options;
  private final AutoencoderTrainer trainer;
  private final Recorder recorder;
  private final CodebookRecorder whole;
  private final List<CodebookRecorder> splits = new ArrayList<>();
  private final int imagesEvery;
  private int imagesNext;
  private RunOutcome outcome = RunOutcome.failed("");

  TrainingMonitor(
      MonitoringOptions monitoring,
      AutoencoderOptions options,
      AutoencoderTrainer trainer,
      Path directory,
      EventFileWriter events,
      int steps,
      TrainingListener listener) {
    this.options = options;
    this.trainer = trainer;
    this.imagesEvery = Math.max(1, steps / IMAGES_A_RUN);
    SnapshotLog log =
        SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info(directory, options.byName()));
    List<SnapshotSink> sinks =
        List.of(log, new TensorBoardSink(events), snapshot -> listener.snapshot(snapshot));
    this.recorder =
        Recorder.open(
            RecorderOptions.every(monitoring.every()),
            sinks,
            (sink, failure) ->
                listener.warned("recording goes on without a part: " + failure.getMessage()));
    this.whole = recorder.codebook(CODEBOOK, options.codes());
    for (int s = 0; options.splits() > 1 && s < options.splits(); s++) {
      splits.add(recorder.codebook(CODEBOOK + "/split-" + s, options.codes()));
    }
  }

  static RunInfo info(Path directory, Map<String, Object> options) {
    Map<String, String> named = new TreeMap<>();
    options.forEach((name, value) -> named.put(name, value.toString()));
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return new RunInfo(name == null ? "run" : name.toString(), Instant.now(), named);
  }

  void step(int step, AutoencoderTrainer.Step done) {
    Observation seen =
        Observation.at(step)
            .accessCount(done.accessCount())
            .loss("total", done.loss())
            .loss("reconstruction", done.reconstructionError());
    done.losses().forEach(seen::loss);
    if (options.quantizer().isCosine()) {
      seen.similarity(done.closeness());
    } else {
      seen.nearestDistance(done.closeness());
    }
    if (whole.viewIsDue()) {
      seen.codebook(trainer.codebook(), options.width());
      if (options.codes() <= MOST_DECODED && step >= imagesNext) {
        images().ifPresent(seen::images);
        imagesNext = step + imagesEvery;
      }
    }
    whole.record(seen);
    for (int s = 0; s < splits.size(); s++) {
      int[] some = new int[done.indices().length / splits.size()];
      for (int i = 0; i < some.length; i++) {
        some[i] = done.indices()[i * splits.size() + s];
      }
      splits.get(s).record(Observation.at(step).assignments(some));
    }
  }

  private Optional<CodeImages> images() {
    try {
      ImageSet tiles = trainer.codes();
      int columns = (int) Math.ceil(Math.sqrt(tiles.count()));
      BufferedImage sheet = Pictures.tiles(tiles, columns);
      return Optional.of(
          new CodeImages(Pictures.png(sheet), columns, tiles.width(), tiles.height()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String label(ReplacementPolicy policy) {
    return policy.name().replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  void replaced(int step, int[] codes) {
    whole.replaced(
        new Replacement(step, codes.length, codes, label(ReplacementPolicy.UNUSED_CODES)));
  }

  void ended(RunOutcome how) {
    outcome = how;
  }

  @Override
  public void close() {
    try (recorder) {
      recorder.end(outcome);
    } catch (UncheckedIOException e) {
      // A file failed before, which was told then.
    }
  }
}
