/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;

/**
 * Writes the values of one training run to a TensorBoard event file.
 *
 * <p>The values are in the form of TensorFlow 2 (a tensor with the name of the plugin that shows
 * it); no operation, session or native library takes part. A tag keeps the kind of its first value:
 * TensorBoard shows all its values by the plugin of the first. The wall time of a value is when the
 * method was called.
 *
 * <p>Values are buffered, 64 KiB of them; TensorBoard sees them after {@link #flush}. What was
 * flushed outlives the end of the program, however it ends; whether it outlives a power failure is
 * the operating system's affair. What was not is lost unless {@link #close} is reached, and at
 * worst leaves a record cut short at the end, which TensorBoard does not read.
 *
 * <p>Thread-safe: each value is written whole, and those of one thread in its order. Several
 * writers, also of several processes, never share a file. A directory should have one at a time
 * nevertheless: when started with {@code --load_fast=false}, TensorBoard follows the newest file of
 * a run and leaves what is added to older ones.
 *
 * <p>Every method throws {@link UncheckedIOException} when the file cannot be written, for instance
 * on a full disk. The file then ends with what was written before, this writer refuses further
 * values in the same way, and a new writer in the same directory continues the run. After {@code
 * close} every method but {@code close} throws {@link IllegalStateException}.
 *
 * <pre>{@code
 * try (EventFileWriter writer = EventFileWriter.open(Path.of("runs", "codes-512"))) {
 *   writer.scalar("codebook/perplexity", 0, 311.5);
 * }
 * // tensorboard --logdir runs
 * }</pre>
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/v2.18.0/tensorflow/core/util/event.proto">event.proto</a>
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/2.18.0/tensorboard/data_compat.py">data_compat.py:
 *     the tensors TensorBoard expects</a>
 */
public final class EventFileWriter implements AutoCloseable {
  private static final String FILE_VERSION = "brain.Event:2";

  private final RecordFile records;
  private final Clock clock;
  private final Map<String, String> pluginByTag = new ConcurrentHashMap<>();

  /** Writes to {@code records}, which is empty, and closes it if not even the first one goes in. */
  EventFileWriter(RecordFile records, Clock clock) {
    this.records = records;
    this.clock = clock;
    try {
      append(event().setFileVersion(FILE_VERSION));
      records.flush();
    } catch (UncheckedIOException e) {
      records.close();
      throw e;
    }
  }

  /**
   * Creates a new event file; the system's clock gives the wall time.
   *
   * @param runDirectory directory of one training run; created with its parents if it is missing
   * @return a writer at the start of its file, which TensorBoard recognises already
   * @throws UncheckedIOException if the directory or the file cannot be created
   */
  public static EventFileWriter open(Path runDirectory) {
    return open(runDirectory, Clock.systemUTC());
  }

  /**
   * Creates a new event file, {@code events.out.tfevents.<seconds>.<host>.<pid>.<number>}; the
   * lowest number that is free is taken, never a file that exists.
   *
   * @param runDirectory directory of one training run; created with its parents if it is missing
   * @param clock tells the wall time in the name of the file and of each value
   * @return a writer at the start of its file, which TensorBoard recognises already
   * @throws UncheckedIOException if the directory or the file cannot be created
   */
  public static EventFileWriter open(Path runDirectory, Clock clock) {
    Objects.requireNonNull(runDirectory, "runDirectory");
    Objects.requireNonNull(clock, "clock");
    return new EventFileWriter(RecordFile.create(runDirectory, clock.instant()), clock);
  }

  /**
   * Returns the file being written.
   *
   * @return its path, below the run's directory
   */
  public Path file() {
    return records.path();
  }

  /**
   * Writes a number, a point of a curve.
   *
   * @param tag name of the curve, as in {@code codebook/perplexity}; the part before the first
   *     {@code /} groups curves
   * @param step number of the training step, at least 0
   * @param value any number; stored as float32, so that one beyond 3.4e38 becomes infinite. NaN and
   *     infinities are shown as such
   * @throws IllegalArgumentException if {@code tag} is blank, reserved or of another kind, or
   *     {@code step} is negative
   */
  public void scalar(String tag, long step, double value) {
    write(step, SummaryValues.scalar(Check.tag(tag), value));
  }

  /**
   * Writes a histogram.
   *
   * @param tag name of the series of histograms
   * @param step number of the training step, at least 0
   * @param bins edges and counts; {@link HistogramBins#of(double[], int)} counts values
   * @throws IllegalArgumentException if {@code tag} is blank, reserved or of another kind, or
   *     {@code step} is negative
   */
  public void histogram(String tag, long step, HistogramBins bins) {
    Objects.requireNonNull(bins, "bins");
    write(step, SummaryValues.histogram(Check.tag(tag), bins));
  }

  /**
   * Writes a text.
   *
   * @param tag name of the series of texts
   * @param step number of the training step, at least 0
   * @param markdown the text; TensorBoard renders Markdown
   * @throws IllegalArgumentException if {@code tag} is blank, reserved or of another kind, or
   *     {@code step} is negative
   */
  public void text(String tag, long step, String markdown) {
    Objects.requireNonNull(markdown, "markdown");
    write(step, SummaryValues.text(Check.tag(tag), markdown));
  }

  /**
   * Writes a picture that is PNG already.
   *
   * @param tag name of the series of pictures
   * @param step number of the training step, at least 0
   * @param png a PNG file; its signature and header are checked, the rest is not
   * @throws IllegalArgumentException if {@code tag} is blank, reserved or of another kind, {@code
   *     step} is negative, or {@code png} does not start as a PNG file does
   */
  public void image(String tag, long step, byte[] png) {
    write(step, SummaryValues.image(Check.tag(tag), Png.of(png)));
  }

  /**
   * Writes a picture, encoded as PNG; no display is needed.
   *
   * @param tag name of the series of pictures
   * @param step number of the training step, at least 0
   * @param image the picture
   * @throws IllegalArgumentException if {@code tag} is blank, reserved or of another kind, {@code
   *     step} is negative, or the picture is of a kind PNG cannot hold
   */
  public void image(String tag, long step, BufferedImage image) {
    write(step, SummaryValues.image(Check.tag(tag), Png.of(image)));
  }

  /**
   * Writes the hyperparameters of the run, once, best before the first value.
   *
   * <p>On TensorBoard's HParams page the run is a row with a column for each of them, and its
   * scalars are the metrics. Of several writers in one directory TensorBoard takes the first one's.
   *
   * @param hparams name to value: a {@code Boolean}, a finite {@code Number} (shown in double
   *     precision), a {@code CharSequence}, or an {@code Enum} (shown as its name)
   * @throws IllegalArgumentException if a name is blank or a value is none of these
   * @throws IllegalStateException if this writer has them already
   */
  public void hparams(Map<String, ?> hparams) {
    Objects.requireNonNull(hparams, "hparams");
    var content = HparamsProto.sessionStart(hparams, seconds(clock.instant()));
    writeOnce(SummaryValues.hparams(SummaryValues.SESSION_START_TAG, content));
  }

  /**
   * Writes that the run has ended, once; without it TensorBoard shows an unknown status.
   *
   * @param status how it ended
   * @throws IllegalStateException if this writer has no {@link #hparams} yet or an end already
   */
  public void sessionEnd(SessionStatus status) {
    Objects.requireNonNull(status, "status");
    if (!pluginByTag.containsKey(SummaryValues.SESSION_START_TAG)) {
      throw new IllegalStateException("hparams must be written before the end of the session");
    }
    var content = HparamsProto.sessionEnd(status, seconds(clock.instant()));
    writeOnce(SummaryValues.hparams(SummaryValues.SESSION_END_TAG, content));
  }

  /**
   * Hands all values to the operating system, where TensorBoard sees them.
   *
   * <p>Cheap if there are none: call it at the end of an epoch, or every few seconds.
   */
  public void flush() {
    records.flush();
  }

  /** Flushes and closes the file; does nothing the second time. */
  @Override
  public void close() {
    records.close();
  }

  private void writeOnce(Summary.Value value) {
    if (pluginByTag.putIfAbsent(value.getTag(), "hparams") != null) {
      throw new IllegalStateException(
          value.getTag() + " must be written once, TensorBoard reads the first only: " + file());
    }
    append(event().setSummary(Summary.newBuilder().addValue(value)));
  }

  private void write(long step, Summary.Value value) {
    Check.atLeast("step", 0, step);
    String plugin = value.getMetadata().getPluginData().getPluginName();
    String first = pluginByTag.putIfAbsent(value.getTag(), plugin);
    if (first != null && !first.equals(plugin)) {
      throw new IllegalArgumentException(
          "tag '"
              + value.getTag()
              + "' must keep the kind of its first value, "
              + first
              + ", got "
              + plugin);
    }
    append(event().setStep(step).setSummary(Summary.newBuilder().addValue(value)));
  }

  private Event.Builder event() {
    return Event.newBuilder().setWallTime(seconds(clock.instant()));
  }

  private void append(Event.Builder event) {
    records.append(event.build().toByteArray());
  }

  private static double seconds(Instant instant) {
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }
}
