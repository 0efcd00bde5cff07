/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** A codebook that is to be set from a batch, and was not, is never read in silence. */
class ForgottenStartTest {
  private static final String MESSAGE =
      "codebook words must be started before it is read: run embSpaceBatchInit of its layer with a"
          + " batch";

  static Stream<CodebookInitializer> starts() {
    return Stream.of(
        CodebookInitializer.fromBatch(),
        CodebookInitializer.fromBatchWithJitter(0.01, 1),
        CodebookInitializer.kMeansPlusPlus(1));
  }

  private static final class Trained implements AutoCloseable {
    final Graph graph = new Graph();
    final Ops tf = Ops.create(graph);
    final Placeholder<TFloat32> x =
        tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
    final VqEndpoints<TFloat32> vq;
    final List<Operand<?>> reads;
    final Op step;
    final Session session;

    Trained(CodebookInitializer initializer) {
      var codebook = Codebook.create(tf, "words", 3, 2, initializer);
      vq =
          VectorQuantization.vectorQuantization(
              tf, x, codebook, VqOptions.defaults().withReplaced(1));
      var cosine =
          CosineVectorQuantization.cosineVectorQuantization(
              tf, x, codebook, CosineVqOptions.defaults());
      var knn =
          CosineKnnVectorQuantization.cosineKnnVectorQuantization(
              tf,
              x,
              codebook,
              tf.constant(new int[] {0, 0, 1}),
              2,
              CosineKnnOptions.ofNeighbours(2));
      reads =
          List.of(
              vq.layerOut(),
              vq.indices(),
              vq.embSpace(),
              vq.losses().total(),
              cosine.layerOut(),
              knn.layerOut(),
              VectorQuantization.decode(
                  tf, tf.constant(new int[] {1}), codebook, VqOptions.defaults()));
      step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new GradientDescent(graph, 0.1f),
              List.of());
      session = new Session(graph);
    }

    double[] run(Op target) {
      try (TFloat32 batch = batch();
          Result result =
              session.runner().feed(x, batch).addTarget(target).fetch(vq.indices()).run()) {
        return TensorValues.doubles(result.get(0));
      }
    }

    void start() {
      try (TFloat32 batch = batch()) {
        session
            .runner()
            .feed(x, batch)
            .addTarget(vq.embSpaceBatchInit().orElseThrow())
            .run()
            .close();
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static TFloat32 batch() {
    TFloat32 batch = TFloat32.tensorOf(Shape.of(5, 2));
    for (int i = 0; i < 10; i++) {
      batch.setFloat(i * i, i / 2, i % 2);
    }
    return batch;
  }

  @ParameterizedTest
  @MethodSource("starts")
  void everyStepAndLookUpFailsUntilTheStartWasMade(CodebookInitializer initializer) {
    try (Trained model = new Trained(initializer)) {
      model.session.initialize();
      failed(() -> model.run(model.step));
      model.reads.forEach(read -> failed(() -> model.run(read)));
      failed(() -> model.run(model.vq.replacement().orElseThrow().update()));
      model.start();
      model.run(model.step);
      model.reads.forEach(model::run);
    }
  }

  @ParameterizedTest
  @MethodSource("starts")
  void aRestoredCodebookIsStarted(CodebookInitializer initializer, @TempDir Path directory) {
    String prefix = directory.resolve("checkpoint").toString();
    double[] expected;
    try (Trained model = new Trained(initializer)) {
      model.session.initialize();
      model.start();
      model.run(model.step);
      model.session.save(prefix);
      expected = model.run(model.vq.indices());
    }
    try (Trained model = new Trained(initializer)) {
      model.session.initialize();
      model.session.restore(prefix);
      assertArrayEquals(expected, model.run(model.vq.indices()));
      model.run(model.step);
    }
  }

  @ParameterizedTest
  @MethodSource("starts")
  void aSavedModelKnowsWhetherItsCodebookIsStarted(
      CodebookInitializer initializer, @TempDir Path directory) throws IOException {
    for (boolean start : new boolean[] {false, true}) {
      Path saved = directory.resolve("started-" + start);
      try (Trained model = new Trained(initializer)) {
        model.session.initialize();
        if (start) {
          model.start();
        }
        SavedModelBundle.exporter(saved.toString())
            .withSession(model.session)
            .withSignature(
                Signature.builder()
                    .key("encode")
                    .input("x", model.x)
                    .output("indices", model.vq.indices())
                    .build())
            .export();
      }
      try (Loaded encoder = new Loaded(saved)) {
        if (start) {
          assertTrue(Arrays.stream(encoder.encode()).allMatch(k -> k >= 0 && k < 3));
          assertTrue(Arrays.stream(encoder.lookUp()).allMatch(k -> k >= 0 && k < 3));
        } else {
          failed(encoder::encode);
          failed(encoder::lookUp);
        }
      }
    }
  }

  /** The model's own look-up, and one that a program builds on its codebook. */
  private static final class Loaded implements AutoCloseable {
    final SavedModelBundle model;
    final Operand<TInt32> indices;

    Loaded(Path saved) {
      model = SavedModelBundle.load(saved.toString());
      Ops tf = Ops.create(model.graph());
      indices =
          VectorQuantization.vectorQuantization(
                  tf,
                  tf.constant(new float[][] {{1, 2}}),
                  Codebook.of(tf, "words", TFloat32.class),
                  VqOptions.defaults())
              .indices();
    }

    double[] encode() {
      try (TFloat32 batch = batch();
          Result result = model.function("encode").call(Map.of("x", batch))) {
        return TensorValues.doubles(result.get(0));
      }
    }

    double[] lookUp() {
      try (Result result = model.session().runner().fetch(indices).run()) {
        return TensorValues.doubles(result.get(0));
      }
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private static void failed(Runnable run) {
    String message = String.valueOf(assertThrows(RuntimeException.class, run::run).getMessage());
    assertTrue(message.contains(MESSAGE), message);
  }
}
