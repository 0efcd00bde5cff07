/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Objects;

/**
 * How a run ended, and why.
 *
 * <pre>{@code
 * try {
 *   train();
 *   recorder.end(RunOutcome.finished());
 * } catch (RuntimeException e) {
 *   recorder.end(RunOutcome.of(e));
 *   throw e;
 * }
 * }</pre>
 *
 * @param kind how
 * @param reason why, for people; may be empty
 */
public record RunOutcome(Kind kind, String reason) {
  /** A reason is a sentence or two; a log may say what it likes. */
  private static final int LONGEST_REASON = 1000;

  /** What became of a run. */
  public enum Kind {
    /** It came to its end. */
    FINISHED,
    /** It was broken off, by an exception say. */
    FAILED,
    /** Somebody stopped it; it may go on. */
    STOPPED
  }

  /**
   * Cuts a reason of more than 1,000 characters.
   *
   * @param kind how
   * @param reason why, for people; may be empty
   */
  public RunOutcome {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(reason, "reason");
    reason = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
  }

  /**
   * The run came to its end.
   *
   * @return the outcome
   */
  public static RunOutcome finished() {
    return new RunOutcome(Kind.FINISHED, "");
  }

  /**
   * The run was broken off.
   *
   * @param reason why
   * @return the outcome
   */
  public static RunOutcome failed(String reason) {
    return new RunOutcome(Kind.FAILED, reason);
  }

  /**
   * The run was stopped and may go on.
   *
   * @param reason by whom, or where
   * @return the outcome
   */
  public static RunOutcome stopped(String reason) {
    return new RunOutcome(Kind.STOPPED, reason);
  }

  /**
   * What a throwable that ends a run says: an interruption stops it, everything else fails it.
   *
   * @param thrown by the run
   * @return the outcome, with the throwable's message, or its class if it has none
   */
  public static RunOutcome of(Throwable thrown) {
    String message = thrown.getMessage();
    String reason = message == null || message.isBlank() ? thrown.getClass().getName() : message;
    return thrown instanceof InterruptedException ? stopped(reason) : failed(reason);
  }

  /**
   * What a sink takes for the outcome if it is closed and nobody told it: something threw in
   * between, most likely.
   *
   * @return the outcome, a failure
   */
  public static RunOutcome untold() {
    return failed("it was closed before its end was told");
  }
}
