/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vqjava.monitoring.CodebookView;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.Snapshot;

/**
 * A snapshot's numbers: a point of every curve.
 *
 * @param number of the event that told of it, ascending within a store
 * @param step of the snapshot
 * @param figures by name; what was not recorded is not there
 * @param losses by name
 * @param notFinite what is not finite, in words
 * @param replacements of the window, with no more codes than a page shows
 */
record Row(
    long number,
    long step,
    Map<String, Double> figures,
    Map<String, Double> losses,
    List<String> notFinite,
    List<Replacement> replacements) {
  private static final int MOST_CODES = 64;

  static Row of(long number, Snapshot s, double replacedBefore) {
    Map<String, Double> figures = new LinkedHashMap<>();
    var usage = s.usage();
    figures.put("time", (double) s.time().toEpochMilli());
    figures.put("batches", (double) s.batches());
    figures.put("vectors", (double) usage.summary().accesses());
    figures.put("perplexity", usage.summary().perplexity());
    figures.put("usage", usage.summary().usage());
    figures.put("dead", (double) usage.summary().dead());
    figures.put("entropy", usage.entropyBits());
    figures.put("gini", usage.gini());
    figures.put("topShare", usage.topShare());
    figures.put("replaced", replacedBefore + s.replaced());
    put(figures, "distance", s.nearestDistance());
    put(figures, "similarity", s.similarity());
    put(figures, "spacing", s.view().flatMap(CodebookView::spacing));
    put(figures, "norm", s.view().map(CodebookView::norms));
    s.view().ifPresent(view -> view.drift().ifPresent(drift -> figures.put("drift", drift)));
    return new Row(
        number,
        s.step(),
        figures,
        s.losses(),
        s.notFinite(),
        s.replacements().stream().filter(r -> r.count() > 0).map(Row::shortened).toList());
  }

  double figure(String name) {
    return figures.getOrDefault(name, Double.NaN);
  }

  private static void put(
      Map<String, Double> figures, String name, Optional<Distribution> distribution) {
    distribution.ifPresent(
        d -> {
          figures.put(name + "Min", d.min());
          figures.put(name + "Median", d.median());
          figures.put(name + "Max", d.max());
          if (d.notFinite() > 0) {
            figures.put(name + "NotFinite", (double) d.notFinite());
          }
        });
  }

  private static Replacement shortened(Replacement r) {
    return r.codes().length <= MOST_CODES
        ? r
        : new Replacement(r.step(), r.count(), new int[0], r.policy());
  }
}
