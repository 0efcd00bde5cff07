/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

  static ObjectNode runs(RunCatalog catalog) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode all = answer.putArray("runs");
    for (Run run : catalog.runs()) {
      all.addObject().put("id", run.id());
    }
    return answer;
  }

  /** A run, after it was read. */
  static ObjectNode run(Run run) throws InterruptedException {
    run.awaitRead();
    RunStore store = run.store();
    ObjectNode answer = JSON.createObjectNode();
    answer.put("id", run.id());
    answer.put("state", store.state());
    answer.put("trouble", store.trouble());
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

  /** Of each bucket the rows with the least and the largest perplexity, so that no dip is lost. */
  static List<Row> thinned(List<Row> rows, int points) {
    if (rows.size() <= points) {
      return rows;
    }
    int buckets = points / 2 - 1;
    Set<Row> kept = new LinkedHashSet<>();
    kept.add(rows.get(0));
    for (int b = 0; b < buckets; b++) {
      int from = (int) ((long) rows.size() * b / buckets);
      int to = (int) ((long) rows.size() * (b + 1) / buckets);
      Row least = rows.get(from);
      Row most = rows.get(from);
      for (Row row : rows.subList(from, to)) {
        least = row.figure("perplexity") < least.figure("perplexity") ? row : least;
        most = row.figure("perplexity") > most.figure("perplexity") ? row : most;
      }
      kept.add(least.number() < most.number() ? least : most);
      kept.add(least.number() < most.number() ? most : least);
    }
    kept.add(rows.get(rows.size() - 1));
    return List.copyOf(kept);
  }

  private static ObjectNode row(Row row) {
    ObjectNode node = JSON.createObjectNode();
    node.put("n", row.number());
    node.put("step", row.step());
    put(node, row.figures());
    put(node.putObject("losses"), row.losses());
    if (!row.replacements().isEmpty()) {
      ArrayNode replacements = node.putArray("replacements");
      row.replacements().forEach(r -> replacements.add(replacement(r)));
    }
    return node;
  }

  private static void put(ObjectNode node, Map<String, Double> numbers) {
    numbers.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) { // JSON has no others
            node.put(name, value);
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
