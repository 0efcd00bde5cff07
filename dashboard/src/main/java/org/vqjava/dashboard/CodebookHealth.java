/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vqjava.monitoring.Snapshot;

/**
 * Judges a codebook by all of its windows, of which it keeps a few numbers each. A number that is
 * not finite goes before everything else: usage may look its best while nothing is learned.
 */
final class CodebookHealth {
  private static final int FEWEST_FOR_A_TREND = 8;

  private final int codes;
  private final List<Window> windows = new ArrayList<>();
  private double usage;
  private int dead;
  private long vectors;

  private record Window(long step, double perplexity, List<String> notFinite) {}

  CodebookHealth(int codes) {
    this.codes = codes;
  }

  int codes() {
    return codes;
  }

  void add(Snapshot snapshot) {
    windows.removeIf(window -> window.step >= snapshot.step()); // the run went on from before it
    var summary = snapshot.usage().summary();
    windows.add(new Window(snapshot.step(), summary.perplexity(), snapshot.notFinite()));
    usage = summary.usage();
    dead = summary.dead();
    vectors = summary.accesses();
  }

  Verdict verdict() {
    if (windows.isEmpty()) {
      return Verdict.WAITING;
    }
    Window newest = windows.get(windows.size() - 1);
    if (!newest.notFinite.isEmpty()) {
      return Verdict.bad("Not a number", notANumber(newest));
    }
    Verdict ofUsage = ofUsage(newest);
    List<Window> broken = windows.stream().filter(w -> !w.notFinite.isEmpty()).toList();
    if (broken.isEmpty() || ofUsage.kind() == Verdict.Kind.BAD) {
      return ofUsage;
    }
    Window last = broken.get(broken.size() - 1);
    return Verdict.warn(
        "Was not a number",
        String.format(
            Locale.ROOT,
            "In %d of %d windows, the last of them up to step %d: %s. Finite since. %s: %s",
            broken.size(),
            windows.size(),
            last.step,
            said(last),
            ofUsage.title(),
            ofUsage.sentence()));
  }

  private String notANumber(Window newest) {
    int first = windows.size() - 1;
    while (first > 0 && !windows.get(first - 1).notFinite.isEmpty()) {
      first--;
    }
    String since = first == 0 ? "from the start" : "since step " + windows.get(first).step;
    return "At step "
        + newest.step
        + ", and so "
        + since
        + ": "
        + said(newest)
        + ". Lower the rate or the loss weights, and look at the inputs.";
  }

  private static String said(Window window) {
    int most = Math.min(3, window.notFinite.size());
    String more = window.notFinite.size() > most ? ", .." : "";
    return String.join(", ", window.notFinite.subList(0, most)) + more;
  }

  private Verdict ofUsage(Window newest) {
    double perplexity = newest.perplexity;
    long percent = Math.round(100 * usage);
    if (vectors == 0) {
      return Verdict.warn(
          "Empty window", "No vector was looked up in the newest window: nothing can be said.");
    }
    if (perplexity < 1.5 && codes > 2) {
      return Verdict.bad(
          "Collapsed",
          "Nearly all vectors take one code: replace dead codes, or start from a batch.");
    }
    if (vectors < codes) {
      return Verdict.warn(
          "Window too small",
          "A window has "
              + vectors
              + " vectors for "
              + codes
              + " codes, so many codes cannot be taken.");
    }
    if (usage < 0.2) {
      return Verdict.bad(
          "Mostly dead",
          "Only " + percent + " % of the codes are taken. Replace dead codes, or use fewer.");
    }
    int back = (windows.size() + 3) / 4;
    double before = windows.get(Math.max(0, windows.size() - 1 - back)).perplexity;
    if (windows.size() >= FEWEST_FOR_A_TREND && perplexity < 0.6 * before) {
      return Verdict.bad(
          "Collapsing",
          String.format(
              Locale.ROOT,
              "Perplexity fell from %.1f to %.1f in the last quarter.",
              before,
              perplexity));
    }
    if (usage < 0.8) {
      return Verdict.warn(
          "Dead codes", dead + " of " + codes + " codes were not taken by the newest window.");
    }
    if (perplexity < 0.3 * codes) {
      return Verdict.warn(
          "Uneven", "Nearly all codes are taken, but few of them take most of the vectors.");
    }
    return Verdict.good("Healthy", percent + " % of the codes are taken, and evenly enough.");
  }
}
