/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterOptions.Association;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;
import org.vqjava.workflow.ProgressListener;

/**
 * Clusters the kernels of a small convolutional network and trains it further: what few values
 * cost, what training wins back, and what it is worth that weights may change their cluster.
 */
public final class ClusterDigits {
  private static final List<Integer> CLUSTERS = List.of(2, 4, 8, 16, 32);

  private ClusterDigits() {}

  /**
   * A part of a training.
   *
   * @param epochs how often each image is seen
   * @param rate learning rate of Adam, whose state begins anew
   */
  public record Phase(int epochs, double rate) {}

  /**
   * A way to cluster and to train.
   *
   * @param name what it is called in the table
   * @param options of each kernel; the number of clusters is of no account
   * @param phases of the training, one after the other
   * @param seeds of the order of the images, one run each
   */
  public record Setting(String name, ClusterOptions options, List<Phase> phases, List<Long> seeds) {
    /**
     * Copies the lists.
     *
     * @param name what it is called in the table
     * @param options of each kernel
     * @param phases of the training
     * @param seeds of the order of the images
     */
    public Setting {
      phases = List.copyOf(phases);
      seeds = List.copyOf(seeds);
    }

    /**
     * The setting of the reference that the guide compares with.
     *
     * @return linear start, summed gradients, rate 0.0001, three seeds
     */
    public static Setting reference() {
      return new Setting(
          "linear start, summed gradients, rate 0.0001",
          ClusterOptions.ofClusters(2)
              .withInitializer(CentroidInitializer.linear())
              .withAggregation(GradientAggregation.SUM),
          List.of(new Phase(10, 1e-4)),
          List.of(1L, 2L, 3L));
    }

    /**
     * The defaults of the library, trained as was found best with them: fast, so that weights find
     * their cluster, then slowly.
     *
     * @return k-means start, averaged gradients, rate 0.01 and then 0.0003, five seeds
     */
    public static Setting recommended() {
      return new Setting(
          "defaults, rate 0.01 and then 0.0003",
          ClusterOptions.ofClusters(2),
          List.of(new Phase(6, 1e-2), new Phase(4, 3e-4)),
          List.of(1L, 2L, 3L, 4L, 5L));
    }

    List<Double> rates() {
      return phases.stream().map(Phase::rate).toList();
    }

    List<Integer> epochs() {
      return phases.stream().map(Phase::epochs).toList();
    }

    int allEpochs() {
      return phases.stream().mapToInt(Phase::epochs).sum();
    }
  }

  /**
   * Accuracies on the test images, from 0 to 1.
   *
   * @param clusters k
   * @param clustered before training
   * @param frozen of each seed, trained with the clusters held
   * @param tuned of each seed, trained with clusters that follow the weights
   */
  public record Row(int clusters, double clustered, List<Double> frozen, List<Double> tuned) {
    /**
     * Copies the lists.
     *
     * @param clusters k
     * @param clustered before training
     * @param frozen of each seed
     * @param tuned of each seed
     */
    public Row {
      frozen = List.copyOf(frozen);
      tuned = List.copyOf(tuned);
    }
  }

  /**
   * Prints both tables.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    System.out.print(report(new ProgressListener() {}));
  }

  /**
   * Runs the reference's setting and the recommended one.
   *
   * @param progress hears how far it is
   * @return two tables, and what clustering 16 values saves
   */
  public static String report(ProgressListener progress) {
    StringBuilder text = new StringBuilder();
    for (Setting setting : List.of(Setting.reference(), Setting.recommended())) {
      text.append(table(setting, run(setting, CLUSTERS, progress))).append(System.lineSeparator());
    }
    try (DigitsNetwork network =
        new DigitsNetwork(ClusterPlan.ofKernels(ClusterOptions.ofClusters(16)), 0)) {
      text.append(network.weights().report(network.session()));
    }
    return text.toString();
  }

  /**
   * Clusters and trains for each number of clusters and each seed.
   *
   * @param setting how
   * @param clusters numbers of clusters
   * @param progress hears how far it is
   * @return a row for each number of clusters
   */
  public static List<Row> run(Setting setting, List<Integer> clusters, ProgressListener progress) {
    LabelledImages train = Digits.train();
    LabelledImages test = Digits.test();
    List<Row> rows = new ArrayList<>();
    for (int k : clusters) {
      ClusterOptions options = setting.options().withClusters(k);
      double clustered;
      try (DigitsNetwork network = network(options, setting)) {
        clustered = network.accuracy(test);
      }
      List<Double> frozen = new ArrayList<>();
      List<Double> tuned = new ArrayList<>();
      for (long seed : setting.seeds()) {
        for (Association association : Association.values()) {
          progress.stage(
              k + " clusters, " + association.name().toLowerCase(Locale.ROOT) + ", seed " + seed,
              setting.allEpochs() * DigitsNetwork.stepsAnEpoch(train));
          ClusterOptions tried = options.withAssociation(association);
          try (DigitsNetwork network = network(tried, setting)) {
            network.train(
                train,
                setting.epochs(),
                seed,
                (step, loss) ->
                    progress.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss)));
            network.strip();
            (association == Association.FROZEN ? frozen : tuned).add(network.accuracy(test));
          }
        }
      }
      rows.add(new Row(k, clustered, frozen, tuned));
    }
    return rows;
  }

  private static DigitsNetwork network(ClusterOptions options, Setting setting) {
    return new DigitsNetwork(
        DigitsNetwork.trainedWeights(), ClusterPlan.ofKernels(options), setting.rates());
  }

  private static String table(Setting setting, List<Row> rows) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%% of the test images, %s, %d seeds%n%8s  %9s  %-20s  %-20s%n",
                setting.name(),
                setting.seeds().size(),
                "clusters",
                "clustered",
                "frozen clusters",
                "updated clusters"));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%8d  %9.1f  %-20s  %-20s%n",
              row.clusters(),
              100 * row.clustered(),
              range(row.frozen()),
              range(row.tuned())));
    }
    return text.toString();
  }

  private static String range(List<Double> accuracies) {
    var all = accuracies.stream().mapToDouble(a -> 100 * a).summaryStatistics();
    return String.format(
        Locale.ROOT, "%.1f (%.1f to %.1f)", all.getAverage(), all.getMin(), all.getMax());
  }
}
