/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.EventFileWriter;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SessionStatus;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.TensorBoardSink;

/** Records the codebook of each seed's classifier, into one log and one event file. */
final class ClassifierMonitor implements AutoCloseable {
  private final ClassifierOptions options;
  private final EventFileWriter events;
  private final Recorder recorder;
  private RunOutcome outcome = RunOutcome.failed("");

  ClassifierMonitor(ClassifierOptions options, Path directory, ProgressListener listener) {
    this.options = options;
    SnapshotLog log =
        SnapshotLog.open(
            directory.resolve(SnapshotLog.FILE), TrainingMonitor.info(directory, options.byName()));
    this.events = EventFileWriter.open(directory);
    events.hparams(options.byName());
    this.recorder =
        Recorder.open(
            RecorderOptions.every(MonitoringOptions.defaults().every()),
            List.of(log, new TensorBoardSink(events)),
            (sink, failure) ->
                listener.warned("recording goes on without a part: " + failure.getMessage()));
  }

  void step(long seed, int step, ClassifierTrainer.Step done, ClassifierTrainer trainer) {
    CodebookRecorder codes = codebook(seed);
    Observation seen =
        Observation.at(step).accessCount(done.accessCount()).loss("total", done.loss());
    if (codes.viewIsDue()) {
      seen.codebook(trainer.codebook(), Classifier.FEATURES);
    }
    codes.record(seen);
  }

  void replaced(long seed, int step, int[] codes) {
    codebook(seed)
        .replaced(
            new Replacement(
                step, codes.length, codes, TrainingMonitor.label(ReplacementPolicy.UNUSED_CODES)));
  }

  private CodebookRecorder codebook(long seed) {
    return recorder.codebook("quantized/seed-" + seed, options.codes());
  }

  void ended(RunOutcome how) {
    outcome = how;
  }

  @Override
  public void close() {
    try (events;
        recorder) {
      recorder.end(outcome);
      events.sessionEnd(
          outcome.kind() == RunOutcome.Kind.FINISHED
              ? SessionStatus.SUCCESS
              : SessionStatus.FAILURE);
    } catch (UncheckedIOException e) {
      // The event file failed before, which was told then.
    }
  }
}
