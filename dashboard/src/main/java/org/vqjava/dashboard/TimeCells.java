/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.HistogramBins;
import org.vqjava.monitoring.Snapshot;

/**
 * Counts over time in as many cells as there is room for. When they are full, each two become one:
 * windows may be added, so that a cell is exactly the window of all its snapshots.
 */
final class TimeCells {
  /** 16 MB of counts for a codebook. */
  private static final int MOST_NUMBERS = 1 << 22;

  private static final int MOST_CELLS = 512;
  private static final int LEAST_CELLS = 32;

  private final int most;
  private final List<Cell> cells = new ArrayList<>();
  private int windowsACell = 1;

  /** The windows from one step to another. */
  static final class Cell {
    private final int[] counts;
    private final long firstStep;
    private long lastStep;
    private int windows;
    private Optional<HistogramBins> distances;
    private Optional<HistogramBins> similarities;
    private long distancesNotFinite;
    private long similaritiesNotFinite;

    Cell(Snapshot snapshot) {
      counts = new int[snapshot.codes()];
      firstStep = snapshot.step();
      lastStep = snapshot.step();
      windows = 1;
      for (int k = 0; k < counts.length; k++) {
        counts[k] = saturated(snapshot.counts()[k]);
      }
      distances = bins(snapshot.nearestDistance());
      similarities = bins(snapshot.similarity());
      distancesNotFinite = notFinite(snapshot.nearestDistance());
      similaritiesNotFinite = notFinite(snapshot.similarity());
    }

    /** Of the same windows, to be added to without a change of the first. */
    Cell(Cell other) {
      counts = other.counts.clone();
      firstStep = other.firstStep;
      lastStep = other.lastStep;
      windows = other.windows;
      distances = other.distances;
      similarities = other.similarities;
      distancesNotFinite = other.distancesNotFinite;
      similaritiesNotFinite = other.similaritiesNotFinite;
    }

    private static Optional<HistogramBins> bins(Optional<Distribution> distribution) {
      return distribution.filter(d -> d.finite() > 0).map(Distribution::bins);
    }

    private static long notFinite(Optional<Distribution> distribution) {
      return distribution.map(Distribution::notFinite).orElse(0L);
    }

    private static int saturated(long count) {
      return (int) Math.min(Integer.MAX_VALUE, count);
    }

    void add(Cell next) {
      for (int k = 0; k < counts.length; k++) {
        counts[k] = saturated((long) counts[k] + next.counts[k]);
      }
      lastStep = next.lastStep;
      windows += next.windows;
      distances = sum(distances, next.distances);
      similarities = sum(similarities, next.similarities);
      distancesNotFinite += next.distancesNotFinite;
      similaritiesNotFinite += next.similaritiesNotFinite;
    }

    private static Optional<HistogramBins> sum(
        Optional<HistogramBins> a, Optional<HistogramBins> b) {
      return a.isEmpty() ? b : b.isEmpty() ? a : Optional.of(Rebin.sum(a.get(), b.get()));
    }

    int[] counts() {
      return counts;
    }

    long firstStep() {
      return firstStep;
    }

    long lastStep() {
      return lastStep;
    }

    Optional<HistogramBins> distances() {
      return distances;
    }

    Optional<HistogramBins> similarities() {
      return similarities;
    }

    long distancesNotFinite() {
      return distancesNotFinite;
    }

    long similaritiesNotFinite() {
      return similaritiesNotFinite;
    }
  }

  TimeCells(int codes) {
    this.most = Math.max(LEAST_CELLS, Math.min(MOST_CELLS, MOST_NUMBERS / codes / 2 * 2));
  }

  void add(Snapshot snapshot) {
    Cell next = new Cell(snapshot);
    if (!cells.isEmpty() && cells.get(cells.size() - 1).windows < windowsACell) {
      cells.get(cells.size() - 1).add(next);
      return;
    }
    if (cells.size() == most) {
      for (int i = 0; i < most / 2; i++) {
        Cell pair = cells.get(2 * i);
        pair.add(cells.get(2 * i + 1));
        cells.set(i, pair);
      }
      cells.subList(most / 2, most).clear();
      windowsACell *= 2;
    }
    cells.add(next);
  }

  /** Forgets what is of a step or later, and with it the rest of the cell that has it. */
  void forgetFrom(long step) {
    cells.removeIf(cell -> cell.lastStep >= step);
  }

  List<Cell> cells() {
    return cells;
  }

  /** All of them in at most so many, each the sum of neighbours. */
  List<Cell> pooled(int columns) {
    int together = (cells.size() + columns - 1) / columns;
    if (together <= 1) {
      return cells;
    }
    List<Cell> pooled = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      if (i % together == 0) {
        pooled.add(new Cell(cells.get(i)));
      } else {
        pooled.get(pooled.size() - 1).add(cells.get(i));
      }
    }
    return pooled;
  }

  /** The cell that a step is in, or the one before it. */
  Cell at(long step) {
    Cell found = cells.get(0);
    for (Cell cell : cells) {
      if (cell.firstStep <= step) {
        found = cell;
      }
    }
    return found;
  }
}
