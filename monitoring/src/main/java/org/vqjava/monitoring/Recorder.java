/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Records how codebooks fare, several at once, and hands snapshots to sinks. Thread-safe.
 *
 * <p>It takes numbers that the caller fetched and runs no session, so recording changes nothing
 * that is trained.
 *
 * <pre>{@code
 * try (Recorder recorder =
 *     Recorder.open(RecorderOptions.every(100), List.of(log, new TensorBoardSink(writer)))) {
 *   CodebookRecorder codes = recorder.codebook("bottleneck", 512);
 *   for (int step = 1; step <= steps; step++) {
 *     Observation seen = Observation.at(step).accessCount(train(step));
 *     if (codes.viewIsDue()) {
 *       seen.codebook(readCodebook(), 64);
 *     }
 *     codes.record(seen);
 *   }
 *   recorder.end(RunOutcome.finished());
 * }
 * }</pre>
 */
public final class Recorder implements AutoCloseable {
  private final RecorderOptions options;
  private final FailureHandler failures;
  private final Map<String, CodebookRecorder> codebooks = new LinkedHashMap<>();
  private final List<SnapshotSink> sinks;
  private final Object sinkLock = new Object(); // one snapshot at a time
  private volatile boolean closed;

  /** Says what happens when a sink fails. */
  @FunctionalInterface
  public interface FailureHandler {
    /**
     * A sink failed. It gets no more snapshots unless this method throws.
     *
     * @param sink that failed
     * @param failure what it threw
     */
    void failed(SnapshotSink sink, RuntimeException failure);
  }

  private Recorder(
      RecorderOptions options, List<? extends SnapshotSink> sinks, FailureHandler failures) {
    this.options = options;
    this.sinks = new ArrayList<>(sinks);
    this.failures = failures;
  }

  /**
   * Begins to record; what a sink throws goes to whoever records.
   *
   * @param options when snapshots are taken
   * @param sinks take them; closed with the recorder
   * @return a recorder without codebooks
   */
  public static Recorder open(RecorderOptions options, List<? extends SnapshotSink> sinks) {
    return open(
        options,
        sinks,
        (sink, failure) -> {
          throw failure;
        });
  }

  /**
   * Begins to record.
   *
   * @param options when snapshots are taken
   * @param sinks take them; closed with the recorder
   * @param failures says what happens when a sink fails: one that returns drops the sink, so that a
   *     full disk does not end a training
   * @return a recorder without codebooks
   */
  public static Recorder open(
      RecorderOptions options, List<? extends SnapshotSink> sinks, FailureHandler failures) {
    return new Recorder(
        Objects.requireNonNull(options, "options"),
        sinks,
        Objects.requireNonNull(failures, "failures"));
  }

  /**
   * The recorder of a codebook, made at the first call of a name.
   *
   * @param name of the codebook, {@code bottleneck} say; of a split or a stage {@code
   *     bottleneck/split-0}
   * @param codes K, at least 1
   * @return the recorder
   * @throws IllegalArgumentException if the name is blank, or K is below 1 or another than before
   * @throws IllegalStateException if this recorder is closed
   */
  public CodebookRecorder codebook(String name, int codes) {
    Check.notBlank("name", name);
    Check.atLeast("codes", 1, codes);
    checkOpen();
    synchronized (codebooks) {
      CodebookRecorder known =
          codebooks.computeIfAbsent(name, n -> new CodebookRecorder(this, n, codes));
      if (known.codes() != codes) {
        throw new IllegalArgumentException(
            "codes must be " + known.codes() + " as before for " + name + ", got " + codes);
      }
      return known;
    }
  }

  /**
   * Takes snapshots of the windows that are not full. They begin anew, so it is for the end of
   * something.
   *
   * @throws IllegalStateException if this recorder is closed
   */
  public void flush() {
    checkOpen();
    List<CodebookRecorder> all;
    synchronized (codebooks) {
      all = List.copyOf(codebooks.values());
    }
    all.forEach(CodebookRecorder::finish);
  }

  /**
   * Takes snapshots of the windows that are not full, and tells the sinks how the run ended. A
   * recorder that is closed without it leaves a run that failed.
   *
   * @param outcome of the run
   * @throws IllegalStateException if this recorder is closed
   */
  public void end(RunOutcome outcome) {
    Objects.requireNonNull(outcome, "outcome");
    flush();
    toSinks(sink -> sink.ended(outcome));
  }

  /** Takes snapshots of the windows that are not full, and closes the sinks; once. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    RuntimeException first = null;
    try {
      flush();
    } catch (RuntimeException e) {
      first = e;
    }
    closed = true;
    synchronized (sinkLock) {
      for (SnapshotSink sink : sinks) {
        try {
          sink.close();
        } catch (RuntimeException e) {
          first = first == null ? e : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  RecorderOptions options() {
    return options;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("recorder must be open, was closed");
    }
  }

  /** Of a sink that failed, which was told. */
  private static void closeQuietly(SnapshotSink sink) {
    try {
      sink.close();
    } catch (RuntimeException e) {
      // It fails still.
    }
  }

  void emit(Snapshot snapshot) {
    toSinks(sink -> sink.accept(snapshot));
  }

  private void toSinks(Consumer<SnapshotSink> what) {
    synchronized (sinkLock) {
      for (SnapshotSink sink : List.copyOf(sinks)) {
        try {
          what.accept(sink);
        } catch (RuntimeException e) {
          failures.failed(sink, e);
          sinks.remove(sink);
          closeQuietly(sink);
        }
      }
    }
  }
}
