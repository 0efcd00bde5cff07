/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;

/**
 * How a run and its codebooks fare, in little memory, so that it is known of runs that nobody looks
 * at too. Thread-safe.
 */
final class RunHealth implements FollowedLog.Listener {
  private static final Duration SHORTEST_SILENCE = Duration.ofMinutes(2);
  private static final int WINDOWS_OF_SILENCE = 10;

  private final Clock clock;
  private final Map<String, CodebookHealth> codebooks = new LinkedHashMap<>();
  private boolean started;
  private Optional<RunOutcome> outcome = Optional.empty();
  private String trouble = "";
  private Optional<Instant> newest = Optional.empty();
  private Duration patience = SHORTEST_SILENCE;

  RunHealth(Clock clock) {
    this.clock = clock;
  }

  @Override
  public synchronized void started(RunInfo info) {
    started = true;
    outcome = Optional.empty();
    newest = Optional.empty(); // a run that goes on takes its time for the first window again
  }

  @Override
  public synchronized void snapshot(Snapshot snapshot) {
    CodebookHealth known = codebooks.get(snapshot.codebook());
    if (known == null || known.codes() != snapshot.codes()) {
      known = new CodebookHealth(snapshot.codes());
      codebooks.put(snapshot.codebook(), known);
    }
    known.add(snapshot);
    newest.ifPresent(
        before -> {
          Duration some = Duration.between(before, snapshot.time());
          Duration most = some.multipliedBy(WINDOWS_OF_SILENCE);
          patience = most.compareTo(patience) > 0 ? most : patience;
        });
    newest = Optional.of(snapshot.time());
  }

  @Override
  public synchronized void ended(RunOutcome how) {
    outcome = Optional.of(how);
  }

  @Override
  public synchronized void trouble(String message) {
    trouble = message;
  }

  synchronized String trouble() {
    return trouble;
  }

  /** {@code waiting}, {@code running}, {@code silent}, {@code finished}, {@code failed}, ... */
  synchronized String state() {
    return outcome
        .map(
            how ->
                switch (how.kind()) {
                  case FINISHED -> "finished";
                  case FAILED -> "failed";
                  case STOPPED -> "stopped";
                })
        .orElse(!started ? "waiting" : isSilent() ? "silent" : "running");
  }

  private boolean isSilent() {
    return newest.isPresent() && newest.get().plus(patience).isBefore(clock.instant());
  }

  /** Why it ended; empty if it did not, or nobody said. */
  synchronized String reason() {
    return outcome.map(RunOutcome::reason).orElse("");
  }

  /** Of each codebook, with what is to be said of the run. */
  synchronized Map<String, Verdict> verdicts() {
    Verdict run = ofRun();
    Map<String, Verdict> all = new LinkedHashMap<>();
    codebooks.forEach((name, codebook) -> all.put(name, Verdict.both(run, codebook.verdict())));
    return all;
  }

  /** Of the codebook that fares worst, or of the run if it has none yet. */
  synchronized Verdict worst() {
    Verdict run = ofRun();
    Verdict worst = null;
    for (CodebookHealth codebook : codebooks.values()) {
      Verdict one = codebook.verdict();
      worst = worst == null || one.kind().compareTo(worst.kind()) > 0 ? one : worst;
    }
    return Verdict.both(run, worst == null ? withoutCodebook() : worst);
  }

  private Verdict withoutCodebook() {
    return outcome.isEmpty()
        ? Verdict.WAITING
        : Verdict.warn("No snapshot", "The run ended before a window of batches was full.");
  }

  private Verdict ofRun() {
    return switch (state()) {
      case "failed" ->
          Verdict.bad(
              "Run failed", reason().isBlank() ? "Its log does not say why." : sentence(reason()));
      case "stopped" ->
          Verdict.warn("Stopped", reason().isBlank() ? "It may go on." : sentence(reason()));
      case "silent" ->
          Verdict.warn(
              "Silent",
              "Nothing came since "
                  + newest.orElseThrow().truncatedTo(ChronoUnit.SECONDS)
                  + ": the run may have been killed.");
      default ->
          trouble.isEmpty()
              ? new Verdict(Verdict.Kind.NONE, "", "")
              : Verdict.warn("Log not whole", sentence(trouble));
    };
  }

  private static String sentence(String text) {
    String stripped = text.strip();
    return stripped.endsWith(".") || stripped.endsWith("!") ? stripped : stripped + ".";
  }
}
