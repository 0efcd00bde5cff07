/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;

/**
 * What is known of a run. Thread-safe: everything is read and written with the lock held.
 *
 * <p>Each snapshot is an event with a number. Who listens keeps the number of the last event that
 * he got and asks for those after it, so that none is missed or told twice, however often he comes
 * back, and nothing is kept for anybody who is slow. Where a run goes on from an earlier step,
 * events that were told are void: the era changes, and who comes with a number of another era
 * begins anew.
 */
final class RunStore implements FollowedLog.Listener {
  /** How many rows go into one event. */
  private static final int MOST_AT_ONCE = 200;

  /** Of all stores, so that a number of one that was let go is of no other. */
  private static final AtomicLong ERAS = new AtomicLong();

  private final Map<String, CodebookHistory> codebooks = new LinkedHashMap<>();
  private final RunHealth health;
  private Optional<RunInfo> info = Optional.empty();
  private long era = ERAS.incrementAndGet();
  private long events;

  /**
   * A row of a codebook.
   *
   * @param codebook its name
   * @param row the numbers
   */
  record Told(String codebook, Row row) {}

  /**
   * Where somebody who listens is.
   *
   * @param era in which
   * @param number of the last event
   */
  record Cursor(long era, long number) {
    @Override
    public String toString() {
      return era + "-" + number;
    }
  }

  /**
   * What is new.
   *
   * @param rows after the cursor, in their order; none if nothing came
   * @param cursor after them
   * @param anew whether all that was told before is void
   * @param state of the run
   * @param trouble with its log, or empty
   * @param verdicts on its codebooks
   * @param worst of them, or of the run
   */
  record News(
      List<Told> rows,
      Cursor cursor,
      boolean anew,
      String state,
      String trouble,
      Map<String, Verdict> verdicts,
      Verdict worst) {}

  RunStore(Clock clock) {
    this.health = new RunHealth(clock);
  }

  @Override
  public synchronized void started(RunInfo newInfo) {
    info = Optional.of(newInfo);
    health.started(newInfo);
    notifyAll();
  }

  @Override
  public synchronized void snapshot(Snapshot snapshot) {
    CodebookHistory history = codebooks.get(snapshot.codebook());
    if (history == null || history.codes() != snapshot.codes()) {
      if (history != null) {
        era = ERAS.incrementAndGet();
      }
      history = new CodebookHistory(snapshot.codes());
      codebooks.put(snapshot.codebook(), history);
    } else if (!history.rows().isEmpty() && history.newest().step() >= snapshot.step()) {
      history.forgetFrom(snapshot.step());
      era = ERAS.incrementAndGet();
    }
    history.add(++events, snapshot);
    health.snapshot(snapshot);
    notifyAll();
  }

  @Override
  public synchronized void ended(RunOutcome outcome) {
    health.ended(outcome);
    notifyAll();
  }

  @Override
  public synchronized void trouble(String message) {
    if (!health.trouble().equals(message)) {
      health.trouble(message);
      notifyAll();
    }
  }

  RunHealth health() {
    return health;
  }

  synchronized Optional<RunInfo> info() {
    return info;
  }

  synchronized Cursor cursor() {
    return new Cursor(era, events);
  }

  synchronized Map<String, Integer> codebooks() {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    codebooks.forEach((name, history) -> sizes.put(name, history.codes()));
    return sizes;
  }

  /**
   * Reads a codebook, with the lock held.
   *
   * @throws NoSuchElementException if there is none of that name, or nothing of it
   */
  synchronized <T> T read(String codebook, Function<CodebookHistory, T> reader) {
    CodebookHistory history = codebooks.get(codebook);
    if (history == null || history.rows().isEmpty()) {
      throw new NoSuchElementException("no codebook of this name");
    }
    return reader.apply(history);
  }

  /** What came after a cursor; waits for something a while, if there is nothing. */
  synchronized News after(Cursor cursor, String stateTold, String troubleTold, long patienceMillis)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    while (cursor.era() == era
        && cursor.number() >= events
        && stateTold.equals(health.state())
        && troubleTold.equals(health.trouble())) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return news(List.of(), cursor, false);
      }
      wait(left);
    }
    if (cursor.era() != era) {
      return news(List.of(), cursor(), true);
    }
    List<Told> rows = new ArrayList<>();
    codebooks.forEach(
        (name, history) -> {
          List<Row> all = history.rows();
          int from = all.size();
          while (from > 0 && all.get(from - 1).number() > cursor.number()) {
            from--;
          }
          for (Row row : all.subList(from, all.size())) {
            rows.add(new Told(name, row));
          }
        });
    rows.sort((a, b) -> Long.compare(a.row().number(), b.row().number()));
    List<Told> some = rows.subList(0, Math.min(MOST_AT_ONCE, rows.size()));
    long last = some.isEmpty() ? events : some.get(some.size() - 1).row().number();
    return news(List.copyOf(some), new Cursor(era, last), false);
  }

  private News news(List<Told> rows, Cursor cursor, boolean anew) {
    return new News(
        rows, cursor, anew, health.state(), health.trouble(), health.verdicts(), health.worst());
  }
}
