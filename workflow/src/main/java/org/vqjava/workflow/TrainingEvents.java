/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.vqjava.monitoring.EventFileWriter;
import org.vqjava.monitoring.HistogramBins;
import org.vqjava.monitoring.SessionStatus;

/** What a training leaves for TensorBoard: figures of each step and epoch, pictures at the end. */
final class TrainingEvents implements AutoCloseable {
  private final EventFileWriter writer;
  private SessionStatus status = SessionStatus.FAILURE;

  TrainingEvents(Path directory, AutoencoderOptions options) {
    writer = EventFileWriter.open(directory);
    writer.hparams(options.byName());
  }

  EventFileWriter writer() {
    return writer;
  }

  void step(TrainingProgress progress) {
    writer.scalar("train/loss", progress.step(), progress.loss());
    writer.scalar("train/reconstruction_error", progress.step(), progress.reconstructionError());
    writer.scalar("codebook/usage", progress.step(), progress.usage().usage());
    writer.scalar("codebook/perplexity", progress.step(), progress.usage().perplexity());
    writer.scalar("codebook/replaced", progress.step(), (double) progress.replaced());
  }

  void epoch(int step, AutoencoderTrainer.Evaluation test) {
    writer.scalar("test/reconstruction_error", step, test.reconstructionError());
    writer.histogram("test/access_count", step, byCode(test.accessCount()));
    writer.flush();
  }

  void finished(int step, BufferedImage reconstructions, BufferedImage codebook) {
    writer.image("test/reconstructions", step, reconstructions);
    writer.image("codebook/codes", step, codebook);
    status = SessionStatus.SUCCESS;
  }

  @Override
  public void close() {
    try (writer) {
      writer.sessionEnd(status);
    }
  }

  /** A bar for each code: from k to k + 1, as high as the code is often taken. */
  private static HistogramBins byCode(long[] counts) {
    return new HistogramBins(
        IntStream.rangeClosed(0, counts.length).asDoubleStream().toArray(),
        Arrays.stream(counts).asDoubleStream().toArray());
  }
}
