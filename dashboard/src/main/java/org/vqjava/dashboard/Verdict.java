/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

/**
 * How something fares, in a word and a sentence.
 *
 * @param kind how bad it is
 * @param title a word or three
 * @param sentence what was seen, and what helps
 */
record Verdict(Kind kind, String title, String sentence) {
  static final Verdict WAITING =
      new Verdict(
          Kind.NONE,
          "Waiting for the first snapshot",
          "It comes when the first window of batches is full.");

  /** From nothing to say to something wrong. */
  enum Kind {
    NONE,
    GOOD,
    WARN,
    BAD
  }

  static Verdict good(String title, String sentence) {
    return new Verdict(Kind.GOOD, title, sentence);
  }

  static Verdict warn(String title, String sentence) {
    return new Verdict(Kind.WARN, title, sentence);
  }

  static Verdict bad(String title, String sentence) {
    return new Verdict(Kind.BAD, title, sentence);
  }

  /** Of a run and one of its codebooks: called after the worse one, and it says both. */
  static Verdict both(Verdict run, Verdict codebook) {
    if (run.kind == Kind.NONE) {
      return codebook;
    }
    if (codebook.kind == Kind.NONE) {
      return run;
    }
    boolean runFirst = run.kind.compareTo(codebook.kind) >= 0;
    Verdict first = runFirst ? run : codebook;
    Verdict second = runFirst ? codebook : run;
    return new Verdict(
        first.kind, first.title, first.sentence + " " + second.title + ": " + second.sentence);
  }
}
