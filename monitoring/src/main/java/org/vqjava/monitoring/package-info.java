/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Records how codebooks fare and takes it to where people look, without a TensorFlow operation, a
 * session or the native library.
 *
 * <p>{@link org.vqjava.monitoring.Recorder} takes what was fetched, an {@link
 * org.vqjava.monitoring.Observation} a step, adds it up over a window and makes a {@link
 * org.vqjava.monitoring.Snapshot} of it, which goes to each {@link
 * org.vqjava.monitoring.SnapshotSink}: {@link org.vqjava.monitoring.SnapshotLog} (a file, which the
 * dashboard shows), {@link org.vqjava.monitoring.TensorBoardSink}, {@link
 * org.vqjava.monitoring.MicrometerSink}, or one of your own. A log is read by {@link
 * org.vqjava.monitoring.SnapshotLogReader}.
 *
 * <p>What is no codebook goes into TensorBoard's event files directly.
 *
 * <p>Give each training run a directory of its own and open one {@link
 * org.vqjava.monitoring.EventFileWriter} in it; {@code tensorboard --logdir runs} then shows one
 * curve per run. The part of a tag before its first {@code /} groups the charts, so {@code
 * codebook/perplexity} and {@code codebook/access} stand together. Values are taken as plain
 * numbers, fetched from the session by the caller:
 *
 * <pre>{@code
 * try (EventFileWriter writer = EventFileWriter.open(runs.resolve("codes-512"))) {
 *   writer.hparams(Map.of("codes", 512, "learning_rate", 1e-3, "ema", true));
 *   writer.text("notes", 0, "Trained on **Fashion-MNIST**.");
 *   for (long step = 0; step < steps; step++) {
 *     double[] access = trainStep(step); // how often each code was chosen
 *     writer.scalar("codebook/perplexity", step, perplexity(access));
 *     if (step % 100 == 0) {
 *       writer.histogram("codebook/access", step, HistogramBins.of(access, 30));
 *       writer.image("reconstruction", step, reconstruction(step));
 *       writer.flush(); // TensorBoard sees what was flushed
 *     }
 *   }
 *   writer.sessionEnd(SessionStatus.SUCCESS);
 * }
 * }</pre>
 *
 * <p>A run that stops without {@code sessionEnd} is listed among the hyperparameters with an
 * unknown status. Wrong arguments are refused at the call with {@link IllegalArgumentException}; a
 * file that cannot be written ends in {@link java.io.UncheckedIOException}.
 */
@NullMarked
package org.vqjava.monitoring;

import org.jspecify.annotations.NullMarked;
