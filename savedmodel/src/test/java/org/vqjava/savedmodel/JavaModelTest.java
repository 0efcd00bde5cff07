/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** SavedModels that Java wrote, with a layer in them: the codebook is found, training goes on. */
class JavaModelTest {
  private final Path directory;

  JavaModelTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static Optimizer optimizer(String name, Graph graph) {
    return name.equals("adam") ? new Adam(graph, 0.05f) : new GradientDescent(graph, 0.05f);
  }

  private static TFloat32 batch(int seed) {
    Random random = new Random(seed);
    return TFloat32.tensorOf(
        Shape.of(20, 4), t -> t.scalars().forEach(s -> s.setFloat((float) random.nextGaussian())));
  }

  private static void run(Session session, Operand<?> x, String step, int from, int to) {
    for (int i = from; i < to; i++) {
      try (TFloat32 batch = batch(i)) {
        session.runner().feed(x, batch).addTarget(step).run().close();
      }
    }
  }

  private static double[] fetch(Session session, Operand<?> operand) {
    try (Result result = session.runner().fetch(operand).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  /** The step of the graph itself with its state, or one that is built anew. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adam", "sgd anew"})
  void aLayerTrainsOnAsIfItHadNeverStopped(String way) throws Exception {
    String optimizer = way.substring(0, way.contains(" ") ? way.indexOf(' ') : way.length());
    Path saved = directory.resolve("saved");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4)));
      Variable<TFloat32> weight =
          tf.withName("weight")
              .variable(
                  tf.constant(
                      new float[][] {{1, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}, {1, 0, 0, 1}}));
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 8, 4, CodebookInitializer.normal(1, 5));
      VqEndpoints<TFloat32> vq =
          VectorQuantization.vectorQuantization(
              tf,
              tf.linalg.matMul(x, tf.identity(weight)),
              codebook,
              VqOptions.defaults().withAlpha(1).withBeta(0.1));
      Operand<TFloat32> loss =
          tf.math.add(
              vq.losses().total(),
              tf.math.mean(
                  tf.math.squaredDifference(vq.layerOut(), x), tf.constant(new int[] {0, 1})));
      Op step =
          Training.minimize(
              tf, loss, List.of(weight, codebook.variable()), optimizer(optimizer, graph));
      session.initialize();
      run(session, x, step.op().name(), 0, 5);
      SavedModelBundle.exporter(saved.toString())
          .withSession(session)
          .withSignature(
              Signature.builder("quantize")
                  .input("x", x)
                  .output("loss", loss)
                  .output("indices", vq.indices())
                  .build())
          .export();
      run(session, x, step.op().name(), 5, 10);

      boolean anew = way.endsWith("anew");
      FlattenOptions options = FlattenOptions.defaults();
      FlatModel flat = FlatModel.read(saved, anew ? options : options.withTarget(step.op().name()));
      assertEquals("quantize", flat.signature().name());
      assertEquals(
          List.of("codebook", "weight"),
          flat.variables().stream()
              .map(ModelVariable::name)
              .filter(name -> name.equals("codebook") || name.equals("weight"))
              .sorted()
              .toList());
      try (TrainableModel model = flat.load()) {
        String next = step.op().name();
        if (anew) {
          next =
              Training.minimize(
                      model.tf(),
                      model.output("loss"),
                      model.trainable(),
                      optimizer(optimizer, model.graph()))
                  .op()
                  .name();
          model.session().initialize();
        }
        run(model.session(), model.input("x"), next, 5, 10);
        Codebook<TFloat32> found = Codebook.of(model.tf(), "codebook", TFloat32.class);
        assertArrayEquals(
            fetch(session, codebook.values()), fetch(model.session(), found.values()));
        assertArrayEquals(
            fetch(session, tf.identity(weight)), fetch(model.session(), model.weight("weight")));
      }
    }
  }

  @Test
  void whatIsNotInTheModelIsTold() {
    Path tf1 = ModelFolders.model("tf1-reference-variables");
    refused(
        "target must be an operation of the main graph, got train",
        tf1,
        FlattenOptions.defaults().withTarget("train"));
    refused(
        "signature must be one of [serving_default], got other",
        tf1,
        FlattenOptions.defaults().withSignature("other"));
    refused(
        "input must be one of [x], got y",
        tf1,
        FlattenOptions.defaults().withInputShape("y", Shape.of(1)));
    refused(
        "training must be asked of a model that was saved with its training function, as model.save"
            + " of tf_keras does, got one without: model.export, Keras 3 and save_traces=False keep"
            + " none",
        tf1,
        FlattenOptions.defaults().withTraining());
  }

  private static void refused(String message, Path model, FlattenOptions options) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> FlatModel.read(model, options))
            .getMessage());
  }
}
