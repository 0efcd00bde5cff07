/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Training;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

/**
 * A model with the figures that Python computed: outputs, losses over some steps, and outputs after
 * them; then the same outputs of what is written here.
 */
final class ModelCase {
  private final GoldenCase golden;
  private final Path model;
  private final String signature;
  private final Set<String> tags = new LinkedHashSet<>();

  ModelCase(Path folder) throws IOException {
    golden = GoldenCase.read(folder.resolve("case.json"));
    model = folder.resolve(golden.params().text("model"));
    signature = golden.params().text("signature");
    golden.params().json("tags").forEach(tag -> tags.add(tag.asText()));
  }

  /** Leaves nothing. */
  void check() throws IOException {
    Path out = Files.createTempDirectory("retrained");
    try {
      check(out);
    } finally {
      NewFolder.delete(out);
    }
  }

  /** Leaves {@code exported} and {@code back}, unless the case is one that is refused. */
  void check(Path out) throws IOException {
    if (golden.params().has("not_retrainable")) {
      checkRefused();
    } else {
      checkTrained(out);
      golden.last().requireAllRead();
      golden.steps().forEach(step -> step.expected().requireAllRead());
    }
    // how a model was made is the business of whoever made it: its parameters may be any
    golden.inputs().requireAllRead();
    golden.expected().requireAllRead();
  }

  private FlattenOptions options() {
    FlattenOptions options = FlattenOptions.defaults().withTags(tags).withSignature(signature);
    return isTraining() ? options.withTraining() : options;
  }

  private boolean isTraining() {
    return golden.params().has("training") && golden.params().flag("training");
  }

  private void checkRefused() throws IOException {
    checkWithoutFlattening(model, golden.expected(), golden.tolerance());
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> FlatModel.read(model, options()))
                .getMessage());
    String operation = golden.params().json("not_retrainable").asText();
    assertTrue(message.contains(operation), message);
  }

  private void checkTrained(Path out) throws IOException {
    FlatModel flat = FlatModel.read(model, options());
    if (golden.params().has("trainable")) {
      assertEquals(
          golden.params().json("trainable").size(),
          flat.variables().stream().filter(ModelVariable::trainable).count());
    }
    try (TrainableModel loaded = flat.load()) {
      checkOutputs(loaded, golden.expected(), golden.tolerance());
      boolean trained = !golden.steps().isEmpty();
      if (trained) {
        train(loaded);
      }
      // before another run, which moves the state of a model that has one
      loaded.export(out.resolve("exported"));
      loaded.writeBack(out.resolve("back"));
      GoldenNode now = trained ? golden.last() : golden.expected();
      Tolerance tolerance = trained ? golden.stepTolerance() : golden.tolerance();
      checkOutputs(loaded, now, tolerance);
      checkWithoutFlattening(out.resolve("exported"), now, tolerance);
      if (!golden.params().has("restores_all")) {
        checkWithoutFlattening(out.resolve("back"), now, tolerance);
      }
      try (TrainableModel back = FlatModel.read(out.resolve("back"), options()).load()) {
        checkOutputs(back, now, tolerance);
      }
      assertFalse(Files.exists(out.resolve("back/fingerprint.pb")));
    }
  }

  private void train(TrainableModel loaded) {
    Ops tf = loaded.tf();
    GoldenNode kinds = golden.params().child("loss");
    Map<String, Operand<?>> targets = new LinkedHashMap<>();
    List<Operand<TFloat32>> losses = new ArrayList<>();
    for (String output : kinds.keys()) {
      Operand<TFloat32> target = tf.placeholder(TFloat32.class);
      targets.put("target:" + output, target);
      losses.add(
          ModelLoss.named(kinds.text(output))
              .of(
                  tf,
                  isTraining() ? loaded.trainingOutput(output) : loaded.output(output),
                  target));
    }
    Operand<TFloat32> total = tf.math.addN(losses);
    Op step =
        Training.minimize(
            tf,
            total,
            loaded.trainable(),
            new GradientDescent(loaded.graph(), (float) golden.params().number("learning_rate")));
    loaded.session().initialize();
    for (GoldenCase.Step one : golden.steps()) {
      Session.Runner runner = loaded.session().runner().addTarget(step).fetch(total);
      List<Tensor> fed = new ArrayList<>();
      for (String key : one.inputs().keys()) {
        Tensor tensor = one.inputs().tensor(key).toTensor();
        fed.add(tensor);
        if (targets.containsKey(key)) {
          runner.feed(targets.get(key), tensor);
        } else if (!key.startsWith("target:")) {
          runner.feed(loaded.input(key), tensor);
        }
      }
      try (Result result = runner.run()) {
        golden
            .stepTolerance()
            .check(
                "loss",
                TensorValues.doubles(result.get(0)),
                one.expected().tensor("loss").doubles());
      } finally {
        fed.forEach(Tensor::close);
      }
    }
  }

  private void checkOutputs(TrainableModel loaded, GoldenNode expected, Tolerance tolerance) {
    Map<String, Tensor> fed = inputs();
    Session.Runner runner = loaded.session().runner();
    fed.forEach((key, tensor) -> runner.feed(loaded.input(key), tensor));
    expected.keys().forEach(key -> runner.fetch(loaded.outputs().get(key)));
    try (Result result = runner.run()) {
      int i = 0;
      for (String key : expected.keys()) {
        tolerance.check(key, TensorValues.doubles(result.get(i++)), expected.tensor(key).doubles());
      }
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  private void checkWithoutFlattening(Path directory, GoldenNode expected, Tolerance tolerance) {
    Map<String, Tensor> fed = inputs();
    try (SavedModelBundle bundle =
            SavedModelBundle.load(directory.toString(), tags.toArray(new String[0]));
        Result result = bundle.function(signature).call(fed)) {
      for (String key : expected.keys()) {
        tolerance.check(
            key,
            TensorValues.doubles(result.get(key).orElseThrow()),
            expected.tensor(key).doubles());
      }
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  private Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String key : golden.inputs().keys()) {
      inputs.put(key, golden.inputs().tensor(key).toTensor());
    }
    return inputs;
  }
}
