/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.clustering.ClusteredWeights;
import org.vqjava.clustering.ClusteringReport;
import org.vqjava.clustering.PlannedClustering;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.FlattenOptions;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.TrainableModel;

/** Clusters the weights of a SavedModel, and trains it further if there is data. */
public final class ClusterModel {
  private ClusterModel() {}

  /**
   * Runs the whole job. It leaves in a folder the model as it was saved with clustered weights,
   * {@code model}, which Python and Java load and Keras can train further; the weights packed,
   * {@code weights.vqa}; and what is returned, {@code report.txt}.
   *
   * <p>With an objective the weights may change their cluster in training, and centroids are
   * trained; variables that are not {@linkplain FlatModel#trainable trained}, those of frozen
   * layers, are left as they are. Without one frozen weights are clustered too.
   *
   * <p>Same arguments, machine and number of threads: same bits. Cost: that of the training;
   * without one a sort of each weight.
   *
   * <p>Clustered are {@linkplain FlatModel#kernels kernels and embeddings}, known by what computes
   * with them. Without an objective the model need not be such that it can be trained, or run here:
   * its variables and its checkpoint are enough.
   *
   * <pre>{@code
   * ClusterModel.run(
   *     Path.of("model"), FlattenOptions.defaults(), ClusterOptions.ofClusters(16),
   *     Optional.empty(), Path.of("clustered"), new ProgressListener() {});
   * }</pre>
   *
   * @param model folder of a SavedModel
   * @param options with an objective which signature of it, and what of it is trained; without one
   *     its tags alone count
   * @param clusters how kernels and embeddings are clustered
   * @param objective what it is trained for; empty to cluster alone
   * @param out is made; may be an empty folder
   * @param progress hears how far it is
   * @return what it came to
   * @throws IllegalArgumentException if the model cannot be read or trained, has no kernel that may
   *     be clustered, the data does not fit, or there is something in the folder, or it is in the
   *     model's
   * @throws IllegalStateException if the loss becomes infinite or no number in training; nothing is
   *     written then
   * @throws IOException if a file cannot be read or written
   * @throws InterruptedException if the thread is interrupted; nothing is written then
   */
  public static CompressionReport run(
      Path model,
      FlattenOptions options,
      ClusterOptions clusters,
      Optional<ModelObjective> objective,
      Path out,
      ProgressListener progress)
      throws IOException, InterruptedException {
    return run(model, options, flat -> ofKernels(flat, clusters), objective, out, progress);
  }

  private static ClusterPlan ofKernels(FlatModel flat, ClusterOptions clusters) {
    Set<String> kernels = Set.copyOf(flat.kernels());
    return new ClusterPlan(List.of())
        .with(
            variable -> kernels.contains(variable.op().name()), "kernels and embeddings", clusters);
  }

  /**
   * The same of those weights that a plan selects, by their names.
   *
   * @param model folder of a SavedModel
   * @param options with an objective which signature of it, and what of it is trained; without one
   *     its tags alone count
   * @param plan which weights, and how they are clustered
   * @param objective what it is trained for; empty to cluster alone
   * @param out is made; may be an empty folder
   * @param progress hears how far it is
   * @return what it came to
   * @throws IllegalArgumentException if the model cannot be read or trained, the plan selects no
   *     weight, the data does not fit, or there is something in the folder, or it is in the model's
   * @throws IllegalStateException if the loss becomes infinite or no number in training; nothing is
   *     written then
   * @throws IOException if a file cannot be read or written
   * @throws InterruptedException if the thread is interrupted; nothing is written then
   */
  public static CompressionReport run(
      Path model,
      FlattenOptions options,
      ClusterPlan plan,
      Optional<ModelObjective> objective,
      Path out,
      ProgressListener progress)
      throws IOException, InterruptedException {
    return run(model, options, flat -> plan, objective, out, progress);
  }

  private static CompressionReport run(
      Path model,
      FlattenOptions options,
      Function<FlatModel, ClusterPlan> plan,
      Optional<ModelObjective> objective,
      Path out,
      ProgressListener progress)
      throws IOException, InterruptedException {
    CompressedFolder folder = new CompressedFolder(out, model);
    FlatModel flat =
        objective.isPresent()
            ? FlatModel.read(model, options)
            : FlatModel.readVariables(model, options);
    List<ModelVariable> candidates = objective.isPresent() ? flat.trainable() : flat.weights();
    OptionalDouble before = OptionalDouble.empty();
    if (objective.isPresent()) {
      try (TrainableModel original = flat.load()) {
        before = OptionalDouble.of(new ModelTrainer(original, objective.get()).loss());
      }
    }
    PlannedClustering clustering = new PlannedClustering(plan.apply(flat));
    FlatModel rewritten = flat;
    for (ModelVariable variable : candidates) {
      if (CompressedFolder.isArchived(variable)) {
        rewritten = rewritten.rewriteVariable(variable.name(), clustering::weight);
      }
    }
    try (TrainableModel clustered = rewritten.load()) {
      ClusteredWeights weights = clustering.finish();
      progress.stage("cluster", 0);
      Interruption.check("cluster");
      weights.start(clustered.session());
      OptionalDouble compressed = OptionalDouble.empty();
      OptionalDouble trained = OptionalDouble.empty();
      if (objective.isPresent()) {
        ModelTrainer trainer = new ModelTrainer(clustered, objective.get());
        compressed = OptionalDouble.of(trainer.loss());
        trainer.train(trainable(clustered, weights), "train", progress);
        trained = OptionalDouble.of(trainer.loss());
      }
      Map<String, ArchivedTensor> tensors = new LinkedHashMap<>();
      ArchivedTensor.of(weights, clustered.session()).forEach(t -> tensors.put(t.name(), t));
      return folder.write(
          clustered, tensors, report(clustered, weights, candidates, before, compressed, trained));
    }
  }

  private static LongFunction<CompressionReport> report(
      TrainableModel model,
      ClusteredWeights weights,
      List<ModelVariable> candidates,
      OptionalDouble before,
      OptionalDouble compressed,
      OptionalDouble trained) {
    Set<String> clustered =
        weights.clustered().stream().map(ClusteredWeight::name).collect(Collectors.toSet());
    Map<String, String> skipped =
        weights.skipped().stream()
            .collect(
                Collectors.toMap(ClusteringReport.Skipped::name, ClusteringReport.Skipped::reason));
    return bytes ->
        new CompressionReport(
            weights.report(model.session()).toString(),
            before,
            compressed,
            trained,
            CompressedFolder.bytes(model),
            bytes,
            LeftAlone.of(model.flat(), clustered, skipped, candidates),
            CompressedFolder.notes(model));
  }

  /** What clustering does not know of is trained too: variables of float64, say. */
  private static List<Operand<? extends TFloating>> trainable(
      TrainableModel model, ClusteredWeights weights) {
    List<Operand<? extends TFloating>> all = new ArrayList<>(weights.trainable());
    for (Operand<? extends TFloating> variable : model.trainable()) {
      boolean known = all.stream().anyMatch(other -> other.asOutput().equals(variable.asOutput()));
      boolean frozen =
          weights.clustered().stream()
              .anyMatch(w -> w.variable().asOutput().equals(variable.asOutput()));
      if (!known && !frozen) {
        all.add(variable);
      }
    }
    return all;
  }
}
