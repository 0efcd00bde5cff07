/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a codebook fared over a window of batches. Windows do not overlap: counts of two snapshots
 * may be added, and are those of both windows.
 *
 * @param codebook its name; a part of it, a split or a stage, is named {@code name/part}
 * @param step the last step of the window
 * @param time when the window was full; to the millisecond in a log
 * @param batches how many batches are in the window
 * @param counts how often each code was taken, {@code [K]}
 * @param lastUsed the step of the last snapshot in which each code was taken, {@code [K]}; −1 for
 *     never
 * @param usage figures of the counts
 * @param nearestDistance of inputs to their codes, if it was given
 * @param similarity of inputs and their codes, if it was given
 * @param losses the mean of each loss over the window's batches, by its name; not finite if it was
 *     not in one of them
 * @param replacements of codes since the snapshot before
 * @param view where the codes are, in some snapshots
 */
@SuppressWarnings("ArrayRecordComponent") // large; handed over, never compared
public record Snapshot(
    String codebook,
    long step,
    Instant time,
    int batches,
    long[] counts,
    long[] lastUsed,
    UsageFigures usage,
    Optional<Distribution> nearestDistance,
    Optional<Distribution> similarity,
    Map<String, Double> losses,
    List<Replacement> replacements,
    Optional<CodebookView> view) {
  /**
   * Checks that the parts fit each other; takes arrays as they are and copies the rest.
   *
   * @param codebook its name, not blank
   * @param step the last step of the window, at least 0
   * @param time when the window was full
   * @param batches how many batches are in the window, at least 0
   * @param counts {@code [K]}, at least one
   * @param lastUsed {@code [K]}
   * @param usage figures of the counts
   * @param nearestDistance of inputs to their codes
   * @param similarity of inputs and their codes
   * @param losses by name
   * @param replacements of codes
   * @param view where the codes are
   * @throws IllegalArgumentException if the name is blank, a number is out of range, or the sizes
   *     do not match
   */
  public Snapshot {
    Check.notBlank("codebook", codebook);
    Check.atLeast("step", 0, step);
    Objects.requireNonNull(time, "time");
    Check.atLeast("batches", 0, batches);
    Check.atLeast("counts", 1, counts.length);
    if (lastUsed.length != counts.length) {
      throw new IllegalArgumentException(
          "lastUsed must have a step for each of the "
              + counts.length
              + " codes, got "
              + lastUsed.length);
    }
    Objects.requireNonNull(usage, "usage");
    Objects.requireNonNull(nearestDistance, "nearestDistance");
    Objects.requireNonNull(similarity, "similarity");
    losses = Collections.unmodifiableMap(new TreeMap<>(losses));
    replacements = List.copyOf(replacements);
    if (view.isPresent() && view.get().points().length != 2 * counts.length) {
      throw new IllegalArgumentException(
          "view must be of the " + counts.length + " codes, got " + view.get().points().length / 2);
    }
  }

  /**
   * How many codes there are.
   *
   * @return K
   */
  public int codes() {
    return counts.length;
  }

  /**
   * What is not finite, in words, {@code loss total is NaN} say: a codebook of which this is not
   * empty is not healthy, whatever its usage is.
   *
   * @return empty if all is finite
   */
  public List<String> notFinite() {
    List<String> all = new ArrayList<>();
    losses.forEach(
        (term, value) -> {
          if (!Double.isFinite(value)) {
            all.add("loss " + term + " is " + value);
          }
        });
    nearestDistance.ifPresent(d -> addNotFinite(all, "distances", d));
    similarity.ifPresent(d -> addNotFinite(all, "similarities", d));
    view.ifPresent(seen -> addNotFinite(all, "codes", seen.norms()));
    view.flatMap(CodebookView::spacing).ifPresent(d -> addNotFinite(all, "spacings", d));
    double perplexity = usage.summary().perplexity();
    if (!Double.isFinite(perplexity)) {
      all.add("perplexity is " + perplexity);
    }
    return List.copyOf(all);
  }

  private static void addNotFinite(List<String> all, String what, Distribution distribution) {
    if (distribution.notFinite() > 0) {
      all.add(
          distribution.notFinite()
              + " of "
              + (distribution.finite() + distribution.notFinite())
              + " "
              + what
              + " are NaN or infinite");
    }
  }

  /**
   * How many codes were replaced since the snapshot before.
   *
   * @return 0 or more
   */
  public int replaced() {
    return replacements.stream().mapToInt(Replacement::count).sum();
  }
}
