/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.Training;
import org.vqjava.savedmodel.ModelLoss;
import org.vqjava.savedmodel.TrainableModel;

/** Trains a loaded model for an objective. */
final class ModelTrainer {
  private final TrainableModel model;
  private final ModelObjective objective;
  private final ModelData data;
  private final Map<String, Operand<?>> fed = new LinkedHashMap<>();
  private final Operand<TFloat32> loss;

  ModelTrainer(TrainableModel model, ModelObjective objective) throws IOException {
    this.model = model;
    this.objective = objective;
    this.fed.putAll(model.inputs());
    Ops tf = Scopes.of(model.tf(), "Objective");
    List<Operand<TFloat32>> losses = new ArrayList<>();
    Map<String, TargetRows.Output> outputs = new LinkedHashMap<>();
    for (Map.Entry<String, ModelLoss> entry : objective.losses().entrySet()) {
      Operand<TFloat32> output = model.output(entry.getKey());
      String name = ModelData.TARGET + entry.getKey();
      outputs.put(name, new TargetRows.Output(entry.getKey(), output.shape(), entry.getValue()));
      Operand<TFloat32> target = tf.placeholder(TFloat32.class, Placeholder.shape(output.shape()));
      fed.put(name, target);
      losses.add(entry.getValue().of(tf, output, target));
    }
    this.loss = tf.math.addN(losses);
    this.data = ModelData.read(objective.data(), fed, outputs);
    data.checkBatch(objective.batch(), fed);
  }

  /** The mean loss over all rows. */
  double loss() throws InterruptedException {
    double sum = 0;
    for (int first = 0; first < data.rows(); first += objective.batch()) {
      Interruption.check("evaluation");
      int[] rows = data.batch(first, objective.batch());
      sum += rows.length * run(model.session().runner(), rows);
    }
    return sum / data.rows();
  }

  /** Moves some variables for the epochs of the objective. */
  void train(List<Operand<? extends TFloating>> variables, String stage, ProgressListener progress)
      throws InterruptedException {
    if (objective.epochs() == 0) {
      return;
    }
    Op step =
        Training.minimize(
            model.tf(), loss, variables, new Adam(model.graph(), (float) objective.rate()));
    model.session().initialize();
    BatchOrder order = new BatchOrder(data.rows(), objective.batch(), objective.seed());
    int steps = Math.multiplyExact(order.stepsAnEpoch(), objective.epochs());
    progress.stage(stage, steps);
    for (int i = 1; i <= steps; i++) {
      double before = run(model.session().runner().addTarget(step), order.of(i));
      if (!Double.isFinite(before)) {
        throw new IllegalStateException(
            "the loss is " + before + " at step " + i + "; try a lower rate");
      }
      progress.stepped(i, String.format(Locale.ROOT, "loss %.4f", before));
      Interruption.check(stage);
    }
  }

  private double run(Session.Runner runner, int[] rows) {
    List<Tensor> tensors = new ArrayList<>();
    try {
      fed.forEach(
          (name, operand) -> {
            Tensor tensor = data.rows(name, rows);
            tensors.add(tensor);
            runner.feed(operand, tensor);
          });
      try (Result result = runner.fetch(loss).run()) {
        return ((TFloat32) result.get(0)).getFloat();
      }
    } finally {
      tensors.forEach(Tensor::close);
    }
  }
}
