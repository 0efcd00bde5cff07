/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.clustering.pq.EmDraws;
import org.vqjava.clustering.pq.EmOptions;
import org.vqjava.clustering.pq.LayerWeight;
import org.vqjava.clustering.pq.QuantizationPlan;
import org.vqjava.clustering.pq.QuantizedVariable;
import org.vqjava.clustering.pq.QuantizedWeight;
import org.vqjava.clustering.pq.SizeTracker;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.FlattenOptions;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.TrainableModel;

/**
 * Quantizes the weights of a SavedModel by blocks, stage by stage, and trains it further after each
 * if there is data.
 */
public final class QuantizeModel {
  private final FlatModel flat;
  private final QuantizationPlan plan;
  private final Optional<ModelObjective> objective;
  private final List<ModelVariable> candidates;
  private final long seed;
  private final ProgressListener progress;
  private final Map<String, QuantizedWeight> quantized = new LinkedHashMap<>();
  private final Map<String, Double> errors = new HashMap<>();

  private QuantizeModel(
      FlatModel flat,
      QuantizationPlan plan,
      Optional<ModelObjective> objective,
      ProgressListener progress) {
    this.flat = flat;
    this.plan = plan;
    this.objective = objective;
    this.candidates = objective.isPresent() ? flat.trainable() : flat.weights();
    this.seed = objective.map(ModelObjective::seed).orElse(1L);
    this.progress = progress;
  }

  /**
   * Runs the whole job. It leaves in a folder the model as it was saved with quantized weights,
   * {@code model}, which Python and Java load and Keras can train further; the weights packed,
   * {@code weights.vqa}; and what is returned, {@code report.txt}.
   *
   * <p>Stages of the plan match names of variables, {@code dense/kernel} say, of those that are
   * {@linkplain FlatModel#kernels kernels or embeddings} by what computes with them. Its types are
   * {@code Dense} and {@code EinsumDense} (features {@code in_features}, {@code units}), {@code
   * Conv1D} to {@code Conv3D} and {@code Conv1DTranspose} to {@code Conv3DTranspose} ({@code
   * kernel_size}, {@code (3, 3)} or {@code (3,)}) and {@code Embedding} ({@code output_dim});
   * {@code *} is any. Blocks are cut along what the model sums over, of a transposed kernel too.
   * All layers are checked before the first step. Without an objective the variables of the model
   * and its checkpoint are enough. With an objective centroids and what is not quantized yet are
   * trained after each stage; assignments stay. Variables that are not {@linkplain
   * FlatModel#trainable trained}, those of frozen layers, are left as they are. Without an
   * objective frozen weights are quantized too.
   *
   * <p>Same arguments, machine and number of threads: same bits. Cost: that of the EM algorithm,
   * and of the training once a stage.
   *
   * <pre>{@code
   * QuantizeModel.run(
   *     Path.of("model"), FlattenOptions.defaults(), QuantizationPlan.read(Path.of("plan.json")),
   *     Optional.empty(), Path.of("quantized"), new ProgressListener() {});
   * }</pre>
   *
   * @param model folder of a SavedModel
   * @param options with an objective which signature of it, and what of it is trained; without one
   *     its tags alone count
   * @param plan which weights in which stage, and how
   * @param objective what it is trained for after each stage; empty to quantize alone
   * @param out is made; may be an empty folder
   * @param progress hears how far it is
   * @return what it came to
   * @throws IllegalArgumentException if the model cannot be read or trained, a stage selects no
   *     weight, a weight cannot be quantized so, the data does not fit, or there is something in
   *     the folder, or it is in the model's
   * @throws IllegalStateException if the loss becomes infinite or no number in training; nothing is
   *     written then
   * @throws IOException if a file cannot be read or written
   * @throws InterruptedException if the thread is interrupted; nothing is written then
   */
  public static CompressionReport run(
      Path model,
      FlattenOptions options,
      QuantizationPlan plan,
      Optional<ModelObjective> objective,
      Path out,
      ProgressListener progress)
      throws IOException, InterruptedException {
    CompressedFolder folder = new CompressedFolder(out, model);
    FlatModel flat =
        objective.isPresent()
            ? FlatModel.read(model, options)
            : FlatModel.readVariables(model, options);
    return new QuantizeModel(flat, plan, objective, progress).run(folder);
  }

  private CompressionReport run(CompressedFolder folder) throws IOException, InterruptedException {
    TrainableModel current = flat.load();
    try {
      List<LayerWeight> layers = ModelLayers.of(current, candidates, Set.of());
      plan.check(layers);
      Map<String, String> misfits = plan.misfits(layers);
      OptionalDouble before = loss(current);
      OptionalDouble compressed = OptionalDouble.empty();
      OptionalDouble trained = OptionalDouble.empty();
      for (int stage = 0; stage < plan.stages().size(); stage++) {
        try {
          quantize(current, stage);
        } catch (CancellationException e) {
          throw Interruption.in("quantize, stage " + (stage + 1));
        }
        Map<String, QuantizedVariable> variables = new LinkedHashMap<>();
        TrainableModel next = rewritten(variables).load();
        try {
          next.copyFrom(current);
        } finally {
          current.close();
          current = next;
        }
        if (objective.isPresent()) {
          ModelTrainer trainer = new ModelTrainer(current, objective.get());
          compressed = compressed.isPresent() ? compressed : OptionalDouble.of(trainer.loss());
          trainer.train(trainable(current, variables), "train, stage " + (stage + 1), progress);
          trained = OptionalDouble.of(trainer.loss());
        }
        Iterator<QuantizedWeight> read =
            QuantizedVariable.readAll(List.copyOf(variables.values()), current.session())
                .iterator();
        variables.keySet().forEach(name -> quantized.put(name, read.next()));
      }
      Map<String, ArchivedTensor> tensors = new LinkedHashMap<>();
      quantized.forEach(
          (name, weight) -> tensors.put(name, new ArchivedTensor.Blocks(name, weight)));
      List<String> notes = new ArrayList<>(CompressedFolder.notes(current));
      notes.add(sizes(current));
      long bytes = CompressedFolder.bytes(current);
      OptionalDouble atFirst = compressed;
      OptionalDouble atLast = trained;
      return folder.write(
          current,
          tensors,
          archived ->
              new CompressionReport(
                  table(), before, atFirst, atLast, bytes, archived, leftAlone(misfits), notes));
    } finally {
      current.close();
    }
  }

  private List<LeftAlone> leftAlone(Map<String, String> misfits) {
    return LeftAlone.of(flat, quantized.keySet(), misfits, candidates);
  }

  private OptionalDouble loss(TrainableModel model) throws IOException, InterruptedException {
    return objective.isPresent()
        ? OptionalDouble.of(new ModelTrainer(model, objective.get()).loss())
        : OptionalDouble.empty();
  }

  private void quantize(TrainableModel model, int stage) {
    List<LayerWeight> weights = ModelLayers.of(model, candidates, quantized.keySet());
    progress.stage("quantize, stage " + (stage + 1), fitting(stage, weights) * plan.iterations());
    int[] steps = {0};
    Map<String, QuantizedWeight> more =
        plan.quantize(
            stage,
            weights,
            EmOptions.ofCentroids(1).withSeed(seed),
            layer -> EmDraws.seeded(seed),
            (layer, step) -> {
              progress.stepped(
                  ++steps[0],
                  String.format(Locale.ROOT, "%s error %.3g", layer.name(), step.objective()));
              Interruption.checkInListener();
            });
    for (LayerWeight weight : weights) {
      QuantizedWeight found = more.get(weight.layer().name());
      if (found != null) {
        errors.put(weight.layer().name(), found.relativeError(weight.values()));
      }
    }
    quantized.putAll(more);
  }

  private int fitting(int stage, List<LayerWeight> weights) {
    List<LayerWeight> chosen = plan.ofStage(stage, weights);
    return chosen.size() - plan.misfits(chosen).size();
  }

  private FlatModel rewritten(Map<String, QuantizedVariable> variables) {
    FlatModel model = flat;
    for (Map.Entry<String, QuantizedWeight> entry : quantized.entrySet()) {
      String name = entry.getKey();
      model =
          model.rewriteVariable(
              name,
              (tf, variable) -> {
                QuantizedVariable made =
                    QuantizedVariable.create(
                        tf, name.replace('/', '-'), entry.getValue(), GradientAggregation.AVG);
                variables.put(name, made);
                return made.weight();
              });
    }
    return model;
  }

  private List<Operand<? extends TFloating>> trainable(
      TrainableModel model, Map<String, QuantizedVariable> variables) {
    List<Operand<? extends TFloating>> all = new ArrayList<>();
    for (Operand<? extends TFloating> variable : model.trainable()) {
      if (!variables.containsKey(variable.op().name())) {
        all.add(variable);
      }
    }
    variables.values().forEach(variable -> all.add(variable.centroids()));
    return all;
  }

  private String table() {
    StringBuilder text = new StringBuilder();
    int width = quantized.keySet().stream().mapToInt(String::length).max().orElse(0);
    text.append(
        String.format(
            Locale.ROOT,
            "%-" + width + "s  %16s  %5s  %9s  %s%n",
            "tensor",
            "shape",
            "block",
            "centroids",
            "relative error, before training"));
    quantized.forEach(
        (name, weight) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-" + width + "s  %16s  %5d  %9d  %.4f%n",
                    name,
                    weight.shape(),
                    weight.blockSize(),
                    weight.assignments().centroids(),
                    errors.getOrDefault(name, Double.NaN))));
    return text.toString();
  }

  private String sizes(TrainableModel model) {
    SizeTracker sizes = new SizeTracker(CompressedFolder.bytes(model) / Float.BYTES);
    quantized
        .values()
        .forEach(w -> sizes.add(w.shape(), w.blockSize(), w.assignments().centroids()));
    return sizes.toString();
  }
}
