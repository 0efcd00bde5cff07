/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Records one codebook. Thread-safe. Made by {@link Recorder#codebook}.
 *
 * <p>Counts are added up over a window and never averaged: the perplexity of a batch of 32 vectors
 * is at most 32, however good a codebook of 512 is.
 *
 * <p>An observation costs O(K) and one step for each distance; a snapshot the sorting of K numbers;
 * a view some K · D · 50 multiplications, and K² · D / 2 up to 2,048 codes whose spacing is not
 * given. Memory: some arrays of K, and one codebook.
 */
public final class CodebookRecorder {
  private final Recorder recorder;
  private final String name;
  private final Object lock = new Object(); // held wherever one of the following is used
  private final long[] counts;
  private final long[] lastUsed;
  private final ViewBuilder views = new ViewBuilder();
  private final List<Replacement> replacements = new ArrayList<>();
  private final Map<String, double[]> losses = new TreeMap<>(); // sum, number
  private GrowingHistogram distances = new GrowingHistogram();
  private GrowingHistogram similarities = new GrowingHistogram();
  private int batches;
  private long step;
  private long windowsToView;
  private @Nullable Observation seen; // the newest one with the codebook

  CodebookRecorder(Recorder recorder, String name, int codes) {
    this.recorder = recorder;
    this.name = name;
    this.counts = new long[codes];
    this.lastUsed = new long[codes];
    Arrays.fill(lastUsed, -1);
  }

  /**
   * Takes an observation; the one that fills the window makes a snapshot of it, which is with the
   * sinks when this method returns.
   *
   * @param observation what was fetched
   * @throws IllegalArgumentException if it does not fit the codebook; nothing of it is taken then
   * @throws IllegalStateException if the recorder is closed
   */
  public void record(Observation observation) {
    observation.check(counts.length);
    recorder.checkOpen();
    synchronized (lock) {
      observation.addTo(counts);
      observation.nearestDistances().forEach(distances::add);
      observation.similarities().forEach(similarities::add);
      observation
          .losses()
          .forEach(
              (term, value) -> {
                double[] sum = losses.computeIfAbsent(term, t -> new double[2]);
                sum[0] += value;
                sum[1]++;
              });
      if (observation.codebook() != null) {
        seen = observation;
      }
      step = Math.max(step, observation.step());
      batches++;
      if (batches >= recorder.options().every()) {
        emit();
      }
    }
  }

  /**
   * Whether the next observation should bring the codebook: it fills a window, and the turn of the
   * codebook has come. Read it from the session then and not else.
   *
   * @return whether a codebook that is given next will be looked at
   */
  public boolean viewIsDue() {
    synchronized (lock) {
      return windowsToView == 0 && batches + 1 >= recorder.options().every();
    }
  }

  /**
   * Notes that codes were replaced; it goes into the snapshot of the window that runs.
   *
   * @param replacement of codes
   * @throws IllegalArgumentException if there is no such code
   * @throws IllegalStateException if the recorder is closed
   */
  public void replaced(Replacement replacement) {
    recorder.checkOpen();
    for (int code : replacement.codes()) {
      if (code >= counts.length) {
        throw new IllegalArgumentException(
            "codes must be below " + counts.length + ", got " + code);
      }
    }
    synchronized (lock) {
      replacements.add(replacement);
    }
  }

  int codes() {
    return counts.length;
  }

  /** A snapshot of a window that is not full. */
  void finish() {
    synchronized (lock) {
      if (batches > 0) {
        emit();
      }
    }
  }

  private void emit() {
    for (int k = 0; k < counts.length; k++) {
      if (counts[k] > 0) {
        lastUsed[k] = step;
      }
    }
    Map<String, Double> means = new TreeMap<>();
    losses.forEach((term, sum) -> means.put(term, sum[0] / sum[1]));
    Snapshot snapshot =
        new Snapshot(
            name,
            step,
            recorder.options().clock().instant(),
            batches,
            counts.clone(),
            lastUsed.clone(),
            UsageFigures.of(counts),
            distribution(distances),
            distribution(similarities),
            means,
            replacements,
            view());
    Arrays.fill(counts, 0);
    batches = 0;
    losses.clear();
    replacements.clear();
    distances = new GrowingHistogram();
    similarities = new GrowingHistogram();
    recorder.emit(snapshot);
  }

  private Optional<CodebookView> view() {
    Observation newest = seen;
    float[] values = newest == null ? null : newest.codebook();
    if (newest == null || values == null) {
      windowsToView = Math.max(0, windowsToView - 1);
      return Optional.empty();
    }
    seen = null;
    windowsToView = recorder.options().viewEvery(values.length) - 1L;
    return Optional.of(
        views.build(values, newest.width(), newest.closestSpacing(), newest.images()));
  }

  private static Optional<Distribution> distribution(GrowingHistogram histogram) {
    return histogram.isEmpty() ? Optional.empty() : Optional.of(histogram.distribution());
  }
}
