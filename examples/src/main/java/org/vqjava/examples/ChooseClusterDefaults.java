/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.examples.ClusterDigits.Phase;
import org.vqjava.examples.ClusterDigits.Setting;
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
  private static final int FAST_EPOCHS = 6;
  private static final List<Integer> CLUSTERS = List.of(2, 4, 8, 16, 32);
  private static final int FLOAT_EPOCHS = 30;
  private static final double FLOAT_RATE = 1e-3;
  private static final List<Double> RATES = List.of(1e-4, 3e-4, 1e-3, 3e-3, 1e-2);
  private static final List<Double> FAST_RATES = List.of(3e-3, 1e-2, 2e-2);
  private static final List<Double> SLOW_RATES = List.of(1e-3, 3e-4, 1e-4);
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
   * Tries each initialization, aggregation and rate for ten epochs, and then, with k-means, six
   * epochs at a high rate and four at a low one; for each number of clusters, with five seeds: half
   * an hour of two cores.
   *
   * @param progress hears how far it is
   * @return a line for each setting: the mean loss on what was held out, for each number of
   *     clusters and their mean
   */
  public static String report(ProgressListener progress) {
    List<List<Phase>> constant =
        RATES.stream().map(rate -> List.of(new Phase(EPOCHS, rate))).toList();
    List<List<Phase>> falling = new ArrayList<>();
    for (double fast : FAST_RATES) {
      for (double slow : SLOW_RATES) {
        falling.add(List.of(new Phase(FAST_EPOCHS, fast), new Phase(EPOCHS - FAST_EPOCHS, slow)));
      }
    }
    var search = new ChooseClusterDefaults(CLUSTERS, SEEDS, progress);
    return search.table(INITIALIZERS, constant) + search.table(INITIALIZERS.subList(0, 1), falling);
  }

  /** One setting for one number of clusters with one seed: to see that it works. */
  static String tried(ProgressListener progress) {
    return new ChooseClusterDefaults(List.of(4), List.of(1L), progress)
        .table(
            List.of(CentroidInitializer.linear()),
            List.of(List.of(new Phase(4, 1e-2), new Phase(2, 1e-3))));
  }

  private String table(List<CentroidInitializer> initializers, List<List<Phase>> schedules) {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "%-18s %-4s %-13s", "start", "", "rates"));
    clusters.forEach(k -> text.append(String.format(Locale.ROOT, "  k = %-3d", k)));
    text.append("     mean").append(System.lineSeparator());
    Map<String, DigitsNetwork.Weight> trained = trained();
    for (CentroidInitializer initializer : initializers) {
      for (GradientAggregation aggregation : GradientAggregation.values()) {
        for (List<Phase> phases : schedules) {
          String rates =
              phases.stream()
                  .map(phase -> String.format(Locale.ROOT, "%.4f", phase.rate()))
                  .collect(Collectors.joining(" "));
          List<Double> losses = new ArrayList<>();
          for (int k : clusters) {
            ClusterOptions options =
                ClusterOptions.ofClusters(k)
                    .withInitializer(initializer)
                    .withAggregation(aggregation);
            String name = initializer + ", " + aggregation.label() + ", " + rates + ", k " + k;
            losses.add(heldOutLoss(trained, new Setting(name, options, phases, seeds)));
          }
          text.append(
              String.format(
                  Locale.ROOT, "%-18s %-4s %-13s", initializer, aggregation.label(), rates));
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
        new DigitsNetwork(
            DigitsNetwork.randomWeights(1), new ClusterPlan(List.of()), List.of(FLOAT_RATE))) {
      network.train(
          train,
          FLOAT_EPOCHS,
          1,
          (step, loss) -> progress.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss)));
      return network.read();
    }
  }

  private double heldOutLoss(Map<String, DigitsNetwork.Weight> trained, Setting setting) {
    LabelledImages all = Digits.train();
    LabelledImages train = all.range(0, all.count() - HELD_OUT);
    LabelledImages heldOut = all.range(all.count() - HELD_OUT, all.count());
    int steps = setting.allEpochs() * DigitsNetwork.stepsAnEpoch(train);
    progress.stage(setting.name(), steps * setting.seeds().size());
    double sum = 0;
    int taken = 0;
    for (long seed : setting.seeds()) {
      int before = taken;
      try (DigitsNetwork network =
          new DigitsNetwork(trained, ClusterPlan.ofKernels(setting.options()), setting.rates())) {
        network.train(
            train,
            setting.epochs(),
            seed,
            (step, loss) ->
                progress.stepped(before + step, String.format(Locale.ROOT, "loss %.4f", loss)));
        network.strip();
        sum += network.loss(heldOut);
      }
      taken += steps;
    }
    return sum / setting.seeds().size();
  }
}
