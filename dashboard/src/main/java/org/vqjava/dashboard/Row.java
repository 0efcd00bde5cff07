/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.vqjava.monitoring.CodebookView;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.Replacement;
import org.vqjava.monitoring.Snapshot;

/**
 * A snapshot's numbers: a point of every curve.
 *
 * @param number of the event that told of it, ascending within a store
 * @param step of the snapshot
 * @param figures by name; NaN for what was not recorded
 * @param losses by name
 * @param replacements of the window, with no more codes than a page shows
 */
record Row(
    long number,
    long step,
    Map<String, Double> figures,
    Map<String, Double> losses,
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
    figures.put("drift", s.view().map(v -> v.drift().orElse(Double.NaN)).orElse(Double.NaN));
    figures.put(
        "notFinite",
        (double)
            LongStream.of(
                    s.nearestDistance().map(Distribution::notFinite).orElse(0L),
                    s.view().map(v -> v.norms().notFinite()).orElse(0L))
                .sum());
    return new Row(
        number,
        s.step(),
        figures,
        s.losses(),
        s.replacements().stream().filter(r -> r.count() > 0).map(Row::shortened).toList());
  }

  double figure(String name) {
    return figures.getOrDefault(name, Double.NaN);
  }

  private static void put(
      Map<String, Double> figures, String name, Optional<Distribution> distribution) {
    put(figures, name + "Min", distribution, Distribution::min);
    put(figures, name + "Median", distribution, Distribution::median);
    put(figures, name + "Max", distribution, Distribution::max);
  }

  private static void put(
      Map<String, Double> figures,
      String name,
      Optional<Distribution> distribution,
      ToDoubleFunction<Distribution> figure) {
    figures.put(
        name, distribution.isPresent() ? figure.applyAsDouble(distribution.get()) : Double.NaN);
  }

  private static Replacement shortened(Replacement r) {
    return r.codes().length <= MOST_CODES
        ? r
        : new Replacement(r.step(), r.count(), new int[0], r.policy());
  }
}
