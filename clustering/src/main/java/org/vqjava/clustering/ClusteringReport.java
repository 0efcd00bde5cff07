/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * What clustering came to. Printed, it is a table.
 *
 * @param rows a tensor each
 * @param skipped tensors that a plan selected and that are not clustered
 */
public record ClusteringReport(List<Row> rows, List<Skipped> skipped) {

  /**
   * A tensor.
   *
   * @param name of the variable
   * @param shape of the variable
   * @param clusters k
   * @param distinct how many different values it has; per channel, the most of a channel
   * @param indexBits bits of an index, ⌈log₂ k⌉
   * @param sparsityBefore the part of the original weights, as they stand, that are 0
   * @param sparsityAfter the part of the clustered weights that are 0
   * @param bytes as it is stored without clustering
   * @param packedBytes with indices of {@code indexBits} bits, and the centroids
   * @param entropyBytes with indices that an ideal entropy coder stores, and the centroids
   * @param meanSquaredError of the clustered weights as to the original ones
   * @param note what is out of the ordinary, or nothing
   */
  public record Row(
      String name,
      Shape shape,
      int clusters,
      int distinct,
      int indexBits,
      double sparsityBefore,
      double sparsityAfter,
      long bytes,
      long packedBytes,
      long entropyBytes,
      double meanSquaredError,
      String note) {}

  /**
   * A tensor that is not clustered.
   *
   * @param name of the variable
   * @param reason why it is not
   */
  public record Skipped(String name, String reason) {}

  /**
   * Copies the lists.
   *
   * @param rows a tensor each
   * @param skipped tensors that are not clustered
   */
  public ClusteringReport {
    rows = List.copyOf(rows);
    skipped = List.copyOf(skipped);
  }

  /**
   * Reads the weights and sums up. Call it before {@link ClusteredWeight#strip}: the errors compare
   * the clustered weights with the original ones beside them, which {@code strip} overwrites with
   * the clustered ones, so that they are 0 from then on.
   *
   * @param session of the graph
   * @param weights those that are clustered
   * @param skipped those that are not
   * @return the report
   */
  public static ClusteringReport of(
      Session session, List<? extends ClusteredWeight<?>> weights, List<Skipped> skipped) {
    List<Row> rows = new ArrayList<>();
    if (!weights.isEmpty()) {
      Session.Runner runner = session.runner();
      for (ClusteredWeight<?> weight : weights) {
        runner.fetch(weight.original()).fetch(weight.weight()).fetch(weight.pullingIndices());
      }
      try (Result result = runner.run()) {
        for (int i = 0; i < weights.size(); i++) {
          rows.add(
              row(weights.get(i), result.get(3 * i), result.get(3 * i + 1), result.get(3 * i + 2)));
        }
      }
    }
    return new ClusteringReport(rows, skipped);
  }

  private static Row row(
      ClusteredWeight<?> weight, Tensor original, Tensor clustered, Tensor indices) {
    int width = original instanceof TFloat32 ? Float.BYTES : Double.BYTES;
    return row(weight, width, Values.of(original), Values.of(clustered), Values.ints(indices));
  }

  private static Row row(
      ClusteredWeight<?> weight, int width, double[] before, double[] after, int[] indices) {
    ClusterOptions options = weight.options();
    Shape shape = weight.variable().shape();
    int channels = options.channels(shape);
    int k = options.clusters();
    int bits = 32 - Integer.numberOfLeadingZeros(k - 1);
    long centroids = (long) channels * k * width;
    double entropyBits = 0;
    int distinct = 0;
    int distinctBefore = 0;
    for (int c = 0; c < channels; c++) {
      int n = before.length / channels;
      double[] originals = new double[n];
      double[] values = new double[n];
      long[] counts = new long[k];
      for (int i = 0; i < n; i++) {
        originals[i] = before[i * channels + c];
        values[i] = after[i * channels + c];
        counts[indices[i * channels + c]]++;
      }
      entropyBits += entropy(counts);
      distinct = Math.max(distinct, distinct(values));
      distinctBefore = Math.max(distinctBefore, distinct(originals));
    }
    double squares = 0;
    for (int i = 0; i < before.length; i++) {
      squares += (after[i] - before[i]) * (after[i] - before[i]);
    }
    return new Row(
        weight.name(),
        shape,
        k,
        distinct,
        bits,
        zeros(before),
        zeros(after),
        (long) before.length * width,
        ((long) before.length * bits + 7) / 8 + centroids,
        (long) Math.ceil(entropyBits / 8) + centroids,
        squares / before.length,
        note(before, distinctBefore, k));
  }

  private static String note(double[] before, int distinctBefore, int k) {
    if (distinctBefore == 1) {
      return before[0] == 0 ? "all zero" : "constant";
    }
    return distinctBefore < k ? "only " + distinctBefore + " different values before" : "";
  }

  /** Bits that an ideal coder needs for indices that are taken so often. */
  private static double entropy(long[] counts) {
    double total = Arrays.stream(counts).sum();
    double bits = 0;
    for (long count : counts) {
      if (count > 0) {
        bits -= count * Math.log(count / total) / Math.log(2);
      }
    }
    return bits;
  }

  /** −0 and 0 are one value. */
  private static int distinct(double[] values) {
    return (int) Arrays.stream(values).map(v -> v + 0.0).distinct().count();
  }

  private static double zeros(double[] values) {
    return (double) Arrays.stream(values).filter(v -> v == 0).count() / values.length;
  }

  /**
   * Bytes of all tensors without clustering.
   *
   * @return the sum
   */
  public long bytes() {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /**
   * Bytes of all tensors with bit-packed indices and centroids.
   *
   * @return the sum
   */
  public long packedBytes() {
    return rows.stream().mapToLong(Row::packedBytes).sum();
  }

  /**
   * Bytes of all tensors with entropy-coded indices and centroids.
   *
   * @return the sum
   */
  public long entropyBytes() {
    return rows.stream().mapToLong(Row::entropyBytes).sum();
  }

  /**
   * A line for each tensor, one for the sum, one for each that was skipped.
   *
   * @return the table
   */
  @Override
  public String toString() {
    List<String[]> lines = new ArrayList<>();
    lines.add(
        new String[] {
          "tensor",
          "shape",
          "k",
          "values",
          "bits",
          "zeros before",
          "after",
          "bytes",
          "packed",
          "entropy",
          "mse",
          ""
        });
    for (Row row : rows) {
      lines.add(
          new String[] {
            row.name(),
            row.shape().toString(),
            String.valueOf(row.clusters()),
            String.valueOf(row.distinct()),
            String.valueOf(row.indexBits()),
            percent(row.sparsityBefore()),
            percent(row.sparsityAfter()),
            number(row.bytes()),
            number(row.packedBytes()),
            number(row.entropyBytes()),
            String.format(Locale.ROOT, "%.2e", row.meanSquaredError()),
            row.note()
          });
    }
    lines.add(
        new String[] {
          "sum",
          "",
          "",
          "",
          "",
          "",
          "",
          number(bytes()),
          number(packedBytes()),
          number(entropyBytes()),
          "",
          ""
        });
    StringBuilder text = new StringBuilder(aligned(lines));
    for (Skipped tensor : skipped) {
      text.append("not clustered: ")
          .append(tensor.name())
          .append(' ')
          .append(tensor.reason())
          .append(System.lineSeparator());
    }
    return text.toString();
  }

  /** Names, shapes and notes to the left, numbers to the right. */
  private static String aligned(List<String[]> lines) {
    int columns = lines.get(0).length;
    int[] widths = new int[columns];
    for (String[] line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] line : lines) {
      StringBuilder joined = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - line[i].length());
        boolean left = i < 2 || i == columns - 1;
        joined.append(i == 0 ? "" : "  ").append(left ? line[i] + padding : padding + line[i]);
      }
      text.append(joined.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * part);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
