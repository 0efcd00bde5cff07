/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.HistogramBins;

/** What the page draws areas of, as JSON: no more cells than a screen has room for. */
final class Pictures {
  private static final int MOST_COLUMNS = 256;
  private static final int BINS = 40;
  private static final int MOST_BARS = 512;
  private static final int MOST_DEAD = 200;

  private Pictures() {}

  /**
   * Codes × time: of each group of codes and each cell of time, the mean part of the cell's vectors
   * that a code took, as a multiple of what a code of a uniform codebook takes.
   */
  static ObjectNode heatmap(RunStore store, String codebook, Query query) {
    int most = query.number("rows", 128, 8, 256);
    boolean byUsage = "usage".equals(query.get("order"));
    return store.read(
        codebook,
        history -> {
          List<TimeCells.Cell> cells = history.cells().pooled(MOST_COLUMNS);
          int codes = history.codes();
          int[] order = IntStream.range(0, codes).toArray();
          if (byUsage) {
            long[] totals = new long[codes];
            cells.forEach(
                cell -> {
                  for (int k = 0; k < codes; k++) {
                    totals[k] += cell.counts()[k];
                  }
                });
            order =
                IntStream.range(0, codes)
                    .boxed()
                    .sorted(Comparator.comparingLong((Integer k) -> -totals[k]))
                    .mapToInt(Integer::intValue)
                    .toArray();
          }
          int rows = Math.min(most, codes);
          ObjectNode answer = Api.JSON.createObjectNode();
          steps(answer, cells);
          ArrayNode names = answer.putArray("rows");
          for (int r = 0; r < rows; r++) {
            int from = first(r, rows, codes);
            int to = first(r + 1, rows, codes);
            names.add(
                to - from == 1
                    ? (byUsage ? "code " + order[from] : "code " + from)
                    : (byUsage ? "ranks " : "codes ") + from + " to " + (to - 1));
          }
          ArrayNode values = answer.putArray("values");
          for (TimeCells.Cell cell : cells) {
            long total = 0;
            for (int count : cell.counts()) {
              total += count;
            }
            ArrayNode column = values.addArray();
            for (int r = 0; r < rows; r++) {
              int from = first(r, rows, codes);
              int to = first(r + 1, rows, codes);
              double sum = 0;
              for (int i = from; i < to; i++) {
                sum += cell.counts()[order[i]];
              }
              column.add(total == 0 ? 0 : rounded(sum / (to - from) * codes / total));
            }
          }
          return answer;
        });
  }

  private static int first(int row, int rows, int codes) {
    return (int) ((long) codes * row / rows);
  }

  private static void steps(ObjectNode answer, List<TimeCells.Cell> cells) {
    ArrayNode steps = answer.putArray("steps");
    cells.forEach(cell -> steps.add(cell.lastStep()));
  }

  /**
   * Distances or similarities over time, each column as parts of 1, with the part that is not
   * finite beside the bins.
   */
  static ObjectNode histograms(RunStore store, String codebook, Query query) {
    boolean similarity = "similarity".equals(query.get("kind"));
    Function<TimeCells.Cell, Optional<HistogramBins>> kind =
        similarity ? TimeCells.Cell::similarities : TimeCells.Cell::distances;
    ToLongFunction<TimeCells.Cell> broken =
        similarity ? TimeCells.Cell::similaritiesNotFinite : TimeCells.Cell::distancesNotFinite;
    return store.read(
        codebook,
        history -> {
          List<TimeCells.Cell> cells =
              history.cells().pooled(MOST_COLUMNS).stream()
                  .filter(cell -> kind.apply(cell).isPresent() || broken.applyAsLong(cell) > 0)
                  .toList();
          List<HistogramBins> all = cells.stream().flatMap(c -> kind.apply(c).stream()).toList();
          ObjectNode answer = Api.JSON.createObjectNode();
          steps(answer, cells);
          ArrayNode edges = answer.putArray("edges");
          ArrayNode values = answer.putArray("values");
          ArrayNode notFinite = answer.putArray("notFinite");
          if (cells.isEmpty()) {
            return answer;
          }
          double low = all.stream().mapToDouble(h -> quantile(h, 0.001)).min().orElse(0);
          double high =
              all.stream()
                  .mapToDouble(h -> quantile(h, 0.995))
                  .sorted()
                  .skip(Math.max(0, (long) (all.size() * 0.98) - 1)) // the first steps are far off
                  .findFirst()
                  .orElse(1);
          low = low > 0 && low < high / 2 ? 0 : low;
          high = high > low ? high : low + 1;
          for (int i = 0; i <= BINS; i++) {
            edges.add(rounded(low + (high - low) * i / BINS));
          }
          for (TimeCells.Cell cell : cells) {
            ArrayNode column = values.addArray();
            double[] counts = new double[BINS];
            if (kind.apply(cell).isPresent()) {
              counts = Rebin.onto(kind.apply(cell).get(), low, high, BINS);
            }
            double total = sum(counts) + broken.applyAsLong(cell);
            for (double count : counts) {
              column.add(rounded(total == 0 ? 0 : count / total));
            }
            notFinite.add(rounded(total == 0 ? 0 : broken.applyAsLong(cell) / total));
          }
          return answer;
        });
  }

  private static double quantile(HistogramBins bins, double part) {
    double[] counts = bins.counts();
    double left = part * sum(counts);
    for (int i = 0; i < counts.length; i++) {
      left -= counts[i];
      if (left <= 0 && counts[i] > 0) {
        return bins.edges()[part < 0.5 ? i : i + 1];
      }
    }
    return bins.edges()[counts.length];
  }

  private static double sum(double[] counts) {
    double sum = 0;
    for (double count : counts) {
      sum += count;
    }
    return sum;
  }

  /** The codebook at a step: which codes are taken, and where they are. */
  static ObjectNode moment(RunStore store, String codebook, Query query) {
    long step = query.step();
    return store.read(
        codebook,
        history -> {
          TimeCells.Cell cell = history.cells().at(step);
          ObjectNode answer = Api.JSON.createObjectNode();
          answer.put("codes", history.codes());
          answer.put("firstStep", cell.firstStep());
          answer.put("step", cell.lastStep());
          ArrayNode counts = answer.putArray("counts");
          for (int count : cell.counts()) {
            counts.add(count);
          }
          sorted(answer, cell.counts());
          dead(answer, history);
          ArrayNode steps = answer.putArray("viewSteps");
          history.views().forEach(view -> steps.add(view.step()));
          history
              .viewAt(step)
              .ifPresent(
                  view -> {
                    ObjectNode map = answer.putObject("map");
                    map.put("step", view.step());
                    map.put("explained", rounded(view.explained()));
                    ArrayNode points = map.putArray("points");
                    int nowhere = 0;
                    for (float point : view.points()) {
                      if (Float.isFinite(point)) {
                        points.add(rounded(point));
                      } else {
                        points.addNull();
                        nowhere++;
                      }
                    }
                    map.put("notFinite", nowhere / 2);
                    view.spacing().ifPresent(d -> histogram(answer.putObject("spacing"), d));
                    histogram(answer.putObject("norms"), view.norms());
                    view.images()
                        .ifPresent(
                            images -> {
                              ObjectNode tiles = answer.putObject("images");
                              tiles.put("columns", images.columns());
                              tiles.put("width", images.tileWidth());
                              tiles.put("height", images.tileHeight());
                            });
                  });
          return answer;
        });
  }

  /** Bars from the code that is taken most to the one that is taken least. */
  private static void sorted(ObjectNode answer, int[] counts) {
    int[] ascending = counts.clone();
    Arrays.sort(ascending);
    int bars = Math.min(MOST_BARS, counts.length);
    ArrayNode sorted = answer.putArray("sorted");
    for (int b = 0; b < bars; b++) {
      int from = first(b, bars, counts.length);
      int to = first(b + 1, bars, counts.length);
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += ascending[counts.length - 1 - i];
      }
      sorted.add(rounded(sum / (to - from)));
    }
  }

  /** Codes that the newest snapshot did not take, those that are longest dead first. */
  private static void dead(ObjectNode answer, CodebookHistory history) {
    long newest = history.newest().step();
    long[] lastUsed = history.lastUsed();
    List<Integer> dead =
        IntStream.range(0, lastUsed.length)
            .filter(k -> lastUsed[k] < newest)
            .boxed()
            .sorted(Comparator.comparingLong((Integer k) -> lastUsed[k]))
            .toList();
    answer.put("deadStep", newest);
    answer.put("deadCount", dead.size());
    ArrayNode list = answer.putArray("dead");
    dead.stream()
        .limit(MOST_DEAD)
        .forEach(k -> list.addObject().put("code", k).put("lastUsed", lastUsed[k]));
  }

  private static void histogram(ObjectNode node, Distribution distribution) {
    node.put("finite", distribution.finite());
    node.put("notFinite", distribution.notFinite());
    ArrayNode edges = node.putArray("edges");
    for (double edge : distribution.bins().edges()) {
      edges.add(rounded(edge));
    }
    ArrayNode counts = node.putArray("counts");
    for (double count : distribution.bins().counts()) {
      counts.add(count);
    }
  }

  /** Five digits are more than a pixel shows. */
  static double rounded(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return 0;
    }
    double unit = Math.pow(10, 4 - Math.floor(Math.log10(Math.abs(value))));
    double scaled = Math.rint(value * unit) / unit;
    return Double.isFinite(scaled) ? scaled : value;
  }
}
