/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;
import org.vqjava.workflow.ProgressListener;

/**
 * How the defaults of weight clustering were chosen: by the loss on the last 200 training images of
 * the digits, after clustering and training on the others. The network that is clustered has not
 * seen those 200 either: it is trained here from the beginning, else settings would win that change
 * it least. The test images have no part in it.
 */
public final class ChooseClusterDefaults {
  private static final int HELD_OUT = 200;
  private static final int EPOCHS = 10;
  private static final List<Integer> CLUSTERS = List.of(2, 4, 8, 16, 32);
  private static final int FLOAT_EPOCHS = 30;
  private static final double FLOAT_RATE = 1e-3;
  private static final List<Double> RATES = List.of(1e-4, 3e-4, 1e-3, 3e-3, 1e-2);
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L, 4L, 5L);
  private static final List<CentroidInitializer> INITIALIZERS =
      List.of(
          CentroidInitializer.kMeansPlusPlus(1),
          CentroidInitializer.linear(),
          CentroidInitializer.densityBased());

  private final List<Integer> clusters;
  private final List<Long> seeds;
  private final ProgressListener progress;

  private ChooseClusterDefaults(
      List<Integer> clusters, List<Long> seeds, ProgressListener progress) {
    this.clusters = clusters;
    this.seeds = seeds;
    this.progress = progress;
  }

  /**
   * Prints the losses.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    System.out.print(report(new ProgressListener() {}));
  }

  /**
   * Tries each initialization, aggregation and rate, for each number of clusters, with five seeds:
   * a quarter of an hour of two cores.
   *
   * @param progress hears how far it is
   * @return a line for each setting: the mean loss on what was held out, for each number of
   *     clusters and their mean
   */
  public static String report(ProgressListener progress) {
    return new ChooseClusterDefaults(CLUSTERS, SEEDS, progress).table(INITIALIZERS, RATES);
  }

  /** One setting for one number of clusters with one seed: to see that it works. */
  static String tried(ProgressListener progress) {
    return new ChooseClusterDefaults(List.of(4), List.of(1L), progress)
        .table(List.of(CentroidInitializer.linear()), List.of(1e-3));
  }

  private String table(List<CentroidInitializer> initializers, List<Double> rates) {
    StringBuilder text =
        new StringBuilder(String.format("%-24s %-4s %-7s", "start", "sum", "rate"));
    clusters.forEach(k -> text.append(String.format("  k = %-3d", k)));
    text.append("     mean").append(System.lineSeparator());
    Map<String, DigitsNetwork.Weight> trained = trained();
    for (CentroidInitializer initializer : initializers) {
      for (GradientAggregation aggregation : GradientAggregation.values()) {
        for (double rate : rates) {
          List<Double> losses = new ArrayList<>();
          for (int k : clusters) {
            ClusterOptions options =
                ClusterOptions.ofClusters(k)
                    .withInitializer(initializer)
                    .withAggregation(aggregation);
            String name = initializer + ", " + aggregation.label() + ", rate " + rate + ", k " + k;
            losses.add(heldOutLoss(trained, options, rate, name));
          }
          text.append(
              String.format(
                  Locale.ROOT, "%-24s %-4s %-7s", initializer, aggregation.label(), rate));
          losses.forEach(l -> text.append(String.format(Locale.ROOT, "  %7.4f", l)));
          double mean = losses.stream().mapToDouble(l -> l).average().orElseThrow();
          text.append(String.format(Locale.ROOT, "  %7.4f%n", mean));
        }
      }
    }
    return text.toString();
  }

  private Map<String, DigitsNetwork.Weight> trained() {
    LabelledImages train = Digits.train().range(0, Digits.train().count() - HELD_OUT);
    progress.stage("the network", FLOAT_EPOCHS * DigitsNetwork.stepsAnEpoch(train));
    try (DigitsNetwork network =
        new DigitsNetwork(DigitsNetwork.randomWeights(1), new ClusterPlan(List.of()), FLOAT_RATE)) {
      network.train(
          train,
          FLOAT_EPOCHS,
          1,
          (step, loss) -> progress.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss)));
      return network.read();
    }
  }

  private double heldOutLoss(
      Map<String, DigitsNetwork.Weight> trained, ClusterOptions options, double rate, String name) {
    LabelledImages all = Digits.train();
    LabelledImages train = all.range(0, all.count() - HELD_OUT);
    LabelledImages heldOut = all.range(all.count() - HELD_OUT, all.count());
    int steps = EPOCHS * DigitsNetwork.stepsAnEpoch(train);
    progress.stage(name, steps * seeds.size());
    double sum = 0;
    for (int s = 0; s < seeds.size(); s++) {
      int before = s * steps;
      try (DigitsNetwork network =
          new DigitsNetwork(trained, ClusterPlan.ofKernels(options), rate)) {
        network.train(
            train,
            EPOCHS,
            seeds.get(s),
            (step, loss) ->
                progress.stepped(before + step, String.format(Locale.ROOT, "loss %.4f", loss)));
        network.strip();
        sum += network.loss(heldOut);
      }
    }
    return sum / seeds.size();
  }
}
