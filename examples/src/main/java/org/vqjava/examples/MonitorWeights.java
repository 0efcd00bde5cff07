/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.EM;
import org.vqjava.clustering.pq.EmDraws;
import org.vqjava.clustering.pq.EmOptions;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;
import org.vqjava.workflow.LayerFigures;
import org.vqjava.workflow.ProgressListener;

/**
 * Records codebooks that are no layer's: the centroids of clustered weights while a network is
 * trained, and those of product quantization from one step of EM to the next.
 */
public final class MonitorWeights {
  private static final int CLUSTERS = 16;
  private static final int EPOCHS = 4;
  private static final int BLOCK = 4;
  private static final int BLOCKS = 32;
  private static final int EM_STEPS = 15;
  private static final long SEED = 1;

  private MonitorWeights() {}

  /**
   * Clusters, trains and quantizes.
   *
   * @param directory takes the log
   * @param progress hears how far it is
   * @return what to do next
   */
  public static String report(Path directory, ProgressListener progress) {
    RunInfo info =
        new RunInfo(
            "weights",
            Instant.now(),
            Map.of("clusters", "" + CLUSTERS, "blocks", BLOCKS + " of " + BLOCK));
    // A cluster's size is one of the moment: a window of one observation.
    try (SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info);
        Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(log))) {
      cluster(recorder, progress);
      quantize(recorder);
      recorder.end(RunOutcome.finished());
    }
    return "./vq dashboard " + directory + " shows both" + System.lineSeparator();
  }

  private static void cluster(Recorder recorder, ProgressListener progress) {
    LabelledImages train = Digits.train();
    progress.stage("training", EPOCHS * DigitsNetwork.stepsAnEpoch(train));
    try (DigitsNetwork network =
        new DigitsNetwork(ClusterPlan.ofKernels(ClusterOptions.ofClusters(CLUSTERS)), 1e-2)) {
      // region clusters
      network.train(
          train,
          EPOCHS,
          SEED,
          (step, loss) -> {
            for (ClusteredWeight<?> weight : network.weights().clustered()) {
              Observation seen =
                  LayerFigures.of(weight).observe(step, network.session().runner(), true);
              recorder.codebook(weight.name(), CLUSTERS).record(seen.loss("epoch so far", loss));
            }
            progress.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss));
          });
      // endregion
    }
  }

  private static void quantize(Recorder recorder) {
    DigitsNetwork.Weight kernel =
        Objects.requireNonNull(DigitsNetwork.trainedWeights().get("hidden.kernel"));
    long[] sizes = Arrays.stream(kernel.shape()).asLongStream().toArray();
    float[] blocks = BlockLayout.DENSE.toBlocks(kernel.values(), Shape.of(sizes), BLOCK);
    EmDraws draws = EmDraws.seeded(SEED);
    // region blocks
    CodebookRecorder codes = recorder.codebook("hidden.kernel/blocks", BLOCKS);
    try (EM em = new EM(blocks, BLOCK, EmOptions.ofCentroids(BLOCKS))) {
      em.initialize(draws);
      for (int i = 1; i <= EM_STEPS; i++) {
        var step = em.step(draws);
        codes.record(
            Observation.at(i)
                .assignments(em.assignments())
                .codebook(em.centroids(), BLOCK)
                .loss("objective", step.objective()));
      }
    }
    // endregion
  }
}
