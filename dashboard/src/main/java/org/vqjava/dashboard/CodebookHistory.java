/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.vqjava.monitoring.CodeImages;
import org.vqjava.monitoring.CodebookView;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.Snapshot;

/** What a page may ask of one codebook, in bounded memory however long it is recorded. */
final class CodebookHistory {
  private static final int MOST_ROWS = 20_000;
  private static final int MOST_VIEWS = 64;

  private final int codes;
  private final TimeCells cells;
  private List<Row> rows = new ArrayList<>();
  private List<View> views = new ArrayList<>();
  private long[] lastUsed;

  /** Where the codes were; without the codebook itself, which nobody draws. */
  @SuppressWarnings("ArrayRecordComponent") // large; handed over, never compared
  record View(
      long step,
      float[] points,
      double explained,
      Optional<Distribution> spacing,
      Distribution norms,
      Optional<CodeImages> images) {
    static View of(long step, CodebookView view) {
      return new View(
          step, view.points(), view.explained(), view.spacing(), view.norms(), view.images());
    }
  }

  CodebookHistory(int codes) {
    this.codes = codes;
    this.cells = new TimeCells(codes);
    this.lastUsed = new long[codes];
  }

  Row add(long number, Snapshot snapshot) {
    Row row = Row.of(number, snapshot, rows.isEmpty() ? 0 : newest().figure("replaced"));
    rows.add(row);
    cells.add(snapshot);
    lastUsed = snapshot.lastUsed();
    snapshot.view().ifPresent(view -> views.add(View.of(snapshot.step(), view)));
    if (rows.size() > MOST_ROWS) {
      rows = thinned(rows, r -> !r.notFinite().isEmpty());
    }
    if (views.size() > MOST_VIEWS) {
      views = thinned(views, v -> v.norms().notFinite() > 0);
    }
    return row;
  }

  /**
   * One of each two of the older half goes: what is new stays as fine as it was recorded. The one
   * that stays is the first, or the one that is worth more.
   */
  private static <T> List<T> thinned(List<T> all, Predicate<T> worthMore) {
    List<T> kept = new ArrayList<>();
    int half = all.size() / 4 * 2;
    for (int i = 0; i < half; i += 2) {
      T first = all.get(i);
      T second = all.get(i + 1);
      kept.add(worthMore.test(second) && !worthMore.test(first) ? second : first);
    }
    kept.addAll(all.subList(half, all.size()));
    return kept;
  }

  /** A run that goes on from an earlier step takes the later ones anew. */
  void forgetFrom(long step) {
    rows.removeIf(row -> row.step() >= step);
    views.removeIf(view -> view.step() >= step);
    cells.forgetFrom(step);
  }

  int codes() {
    return codes;
  }

  List<Row> rows() {
    return rows;
  }

  Row newest() {
    return rows.get(rows.size() - 1);
  }

  TimeCells cells() {
    return cells;
  }

  List<View> views() {
    return views;
  }

  long[] lastUsed() {
    return lastUsed;
  }

  /** The view of a step, or the newest before it, or the first; none if there is no view at all. */
  Optional<View> viewAt(long step) {
    Optional<View> found = views.stream().findFirst();
    for (View view : views) {
      if (view.step() <= step) {
        found = Optional.of(view);
      }
    }
    return found;
  }
}
