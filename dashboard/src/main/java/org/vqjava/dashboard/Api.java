/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.vqjava.monitoring.Replacement;

/** What the page asks for, as JSON: runs, curves, events. */
final class Api {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final int MOST_POINTS = 4000;
  private static final int POINTS = 1000;
  private static final int MOST_REPLACEMENTS = 300;

  private Api() {}

  /** Each with its state and how its worst codebook fares, if that is known yet. */
  static ObjectNode runs(Collection<Run> runs) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode all = answer.putArray("runs");
    for (Run run : runs) {
      ObjectNode one = all.addObject().put("id", run.id());
      if (run.isHealthKnown()) {
        RunHealth health = run.health();
        state(one, health);
        one.set("worst", verdict(health.worst()));
      }
    }
    return answer;
  }

  private static void state(ObjectNode node, RunHealth health) {
    node.put("state", health.state());
    node.put("reason", health.reason());
    node.put("trouble", health.trouble());
  }

  private static ObjectNode verdict(Verdict verdict) {
    ObjectNode node = JSON.createObjectNode();
    node.put("kind", verdict.kind().name().toLowerCase(Locale.ROOT));
    node.put("title", verdict.title());
    node.put("sentence", verdict.sentence());
    return node;
  }

  private static ObjectNode verdicts(Map<String, Verdict> verdicts) {
    ObjectNode node = JSON.createObjectNode();
    verdicts.forEach((codebook, verdict) -> node.set(codebook, verdict(verdict)));
    return node;
  }

  /** A run, after it was read. */
  static ObjectNode run(Run run) throws InterruptedException {
    run.awaitRead();
    RunStore store = run.store();
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", run.id());
    state(answer, store.health());
    answer.set("health", verdicts(store.health().verdicts()));
    answer.set("worst", verdict(store.health().worst()));
    answer.put("cursor", store.cursor().toString());
    answer.put("read", run.isRead());
    ObjectNode options = answer.putObject("options");
    store
        .info()
        .ifPresent(
            info -> {
              answer.put("name", info.name());
              answer.put("started", info.started().toEpochMilli());
              info.options().forEach(options::put);
            });
    ArrayNode codebooks = answer.putArray("codebooks");
    store
        .codebooks()
        .forEach((name, codes) -> codebooks.addObject().put("name", name).put("codes", codes));
    return answer;
  }

  /** Every curve of a codebook, in at most so many points. */
  static ObjectNode series(RunStore store, String codebook, Query query) {
    int points = query.number("points", POINTS, 10, MOST_POINTS);
    return store.read(
        codebook,
        history -> {
          ObjectNode answer = JSON.createObjectNode();
          answer.put("cursor", store.cursor().toString());
          answer.put("codes", history.codes());
          answer.put("snapshots", history.rows().size());
          answer.set(
              "health", verdict(store.health().verdicts().getOrDefault(codebook, Verdict.WAITING)));
          ArrayNode rows = answer.putArray("rows");
          thinned(history.rows(), points).forEach(row -> rows.add(row(row)));
          List<Replacement> all = new ArrayList<>();
          history.rows().forEach(row -> all.addAll(row.replacements()));
          answer.put("replacementCount", all.size());
          ArrayNode replacements = answer.putArray("replacements");
          all.subList(Math.max(0, all.size() - MOST_REPLACEMENTS), all.size())
              .forEach(r -> replacements.add(replacement(r)));
          return answer;
        });
  }

  /**
   * Of each bucket the rows with the least and the largest perplexity, and the first in which
   * something is not finite, so that neither a dip is lost nor a NaN.
   */
  static List<Row> thinned(List<Row> rows, int points) {
    if (rows.size() <= points) {
      return rows;
    }
    boolean finite = rows.stream().allMatch(row -> row.notFinite().isEmpty());
    int buckets = Math.max(1, points / (finite ? 2 : 3) - 1);
    Set<Row> kept = new LinkedHashSet<>();
    kept.add(rows.get(0));
    for (int b = 0; b < buckets; b++) {
      int from = (int) ((long) rows.size() * b / buckets);
      int to = (int) ((long) rows.size() * (b + 1) / buckets);
      Row least = rows.get(from);
      Row most = rows.get(from);
      Row broken = null;
      for (Row row : rows.subList(from, to)) {
        broken = broken == null && !row.notFinite().isEmpty() ? row : broken;
        least = row.figure("perplexity") < least.figure("perplexity") ? row : least;
        most = row.figure("perplexity") > most.figure("perplexity") ? row : most;
      }
      kept.add(least);
      kept.add(most);
      if (broken != null) {
        kept.add(broken);
      }
    }
    kept.add(rows.get(rows.size() - 1));
    return kept.stream().sorted(Comparator.comparingLong(Row::number)).toList();
  }

  private static ObjectNode row(Row row) {
    ObjectNode node = JSON.createObjectNode();
    node.put("n", row.number());
    node.put("step", row.step());
    put(node, row.figures());
    put(node.putObject("losses"), row.losses());
    if (!row.notFinite().isEmpty()) {
      ArrayNode notFinite = node.putArray("notFinite");
      row.notFinite().forEach(notFinite::add);
    }
    if (!row.replacements().isEmpty()) {
      ArrayNode replacements = node.putArray("replacements");
      row.replacements().forEach(r -> replacements.add(replacement(r)));
    }
    return node;
  }

  /** JSON has no others than finite numbers: "NaN", "Infinity" and "-Infinity" are texts. */
  private static void put(ObjectNode node, Map<String, Double> numbers) {
    numbers.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            node.put(name, value);
          } else {
            node.put(name, value.toString());
          }
        });
  }

  private static ObjectNode replacement(Replacement replacement) {
    ObjectNode node = JSON.createObjectNode();
    node.put("step", replacement.step());
    node.put("count", replacement.count());
    node.put("policy", replacement.policy());
    ArrayNode codes = node.putArray("codes");
    for (int code : replacement.codes()) {
      codes.add(code);
    }
    return node;
  }

  /** What is new, as the data of one event. */
  static ObjectNode news(RunStore.News news) {
    ObjectNode node = JSON.createObjectNode();
    node.put("state", news.state());
    node.put("trouble", news.trouble());
    node.set("health", verdicts(news.verdicts()));
    node.set("worst", verdict(news.worst()));
    ArrayNode rows = node.putArray("rows");
    for (RunStore.Told told : news.rows()) {
      ObjectNode row = row(told.row());
      row.put("codebook", told.codebook());
      rows.add(row);
    }
    return node;
  }

  static Optional<RunStore.Cursor> cursor(String text) {
    if (!text.matches("\\d{1,18}-\\d{1,18}")) {
      return Optional.empty();
    }
    int hyphen = text.indexOf('-');
    return Optional.of(
        new RunStore.Cursor(
            Long.parseLong(text.substring(0, hyphen)), Long.parseLong(text.substring(hyphen + 1))));
  }
}
