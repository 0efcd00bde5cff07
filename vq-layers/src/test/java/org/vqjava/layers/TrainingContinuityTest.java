/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** Steps of a layer in training: the same bits again, and after a detour over files. */
class TrainingContinuityTest {
  private static final int STEPS = 12;
  private static final Shape BATCH = Shape.of(40, 3, 8);

  private final Path directory;

  TrainingContinuityTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A layer with all its state, trained by an optimizer that has state as well. */
  private static final class Network implements AutoCloseable {
    final Graph graph = new Graph();
    final Placeholder<TFloat32> x;
    final VqEndpoints<TFloat32> vq;
    final Op step;
    final Session session;

    Network() {
      Ops tf = Ops.create(graph);
      x = tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 3, 8)));
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 16, 4, CodebookInitializer.kMeansPlusPlus(9));
      vq =
          VectorQuantization.vectorQuantization(
              tf,
              x,
              codebook,
              VqOptions.defaults().withSplits(2).withAlpha(1).withBeta(0.1).withReplaced(3));
      step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new Adam(graph, 0.01f),
              List.of(vq.accessCount()));
      session = new Session(graph);
    }

    void start() {
      session.initialize();
      run(0, vq.embSpaceBatchInit().orElseThrow());
    }

    /** Steps with a replacement after every fourth. */
    void train(int from, int to) {
      for (int i = from; i < to; i++) {
        run(i, step, replacement().update());
        if (i % 4 == 3) {
          session.runner().addTarget(replacement().replaceEmbeds()).run().close();
        }
      }
    }

    private CodeReplacement<TFloat32> replacement() {
      return vq.replacement().orElseThrow();
    }

    private void run(int seed, Op... targets) {
      try (TFloat32 batch = batch(seed)) {
        Session.Runner runner = session.runner().feed(x, batch);
        Arrays.stream(targets).forEach(runner::addTarget);
        runner.run().close();
      }
    }

    List<double[]> state() {
      List<double[]> state = new ArrayList<>();
      for (Operand<?> operand :
          List.of(
              vq.embSpace(),
              replacement().accumulatedUsageCount(),
              replacement().distantInputs(),
              replacement().inputDistances())) {
        try (var result = session.runner().fetch(operand).run()) {
          state.add(TensorValues.doubles(result.get(0)));
        }
      }
      return state;
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static TFloat32 batch(int seed) {
    double[] values = LayerFixture.random(seed, (int) BATCH.size());
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return TFloat32.tensorOf(BATCH, DataBuffers.of(floats));
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    try (Network first = new Network();
        Network second = new Network()) {
      first.start();
      first.train(0, STEPS);
      second.start();
      second.train(0, STEPS);
      assertSame(first.state(), second.state());
    }
  }

  @Test
  void aDetourOverACheckpointChangesNoBit() {
    String checkpoint = directory.resolve("checkpoint").toString();
    try (Network straight = new Network();
        Network detour = new Network()) {
      straight.start();
      straight.train(0, 6);
      straight.session.save(checkpoint);
      straight.train(6, STEPS);

      detour.session.restore(checkpoint);
      detour.train(6, STEPS);
      assertSame(straight.state(), detour.state());
    }
  }

  @Test
  void aSavedModelTrainsOn() throws Exception {
    Path model = directory.resolve("model");
    try (Network network = new Network()) {
      network.start();
      network.train(0, 6);
      SavedModelBundle.exporter(model.toString())
          .withSession(network.session)
          .withSignature(
              Signature.builder("quantize")
                  .input("x", network.x)
                  .output("indices", network.vq.indices())
                  .build())
          .export();
      String step = network.step.op().name();
      String update = network.replacement().update().op().name();
      network.run(6, network.step, network.replacement().update());

      try (SavedModelBundle loaded = SavedModelBundle.load(model.toString());
          TFloat32 batch = batch(6)) {
        loaded.session().runner().feed("x", batch).addTarget(step).addTarget(update).run().close();
        Codebook<TFloat32> codebook =
            Codebook.of(Ops.create(loaded.graph()), "codebook", TFloat32.class);
        try (var result = loaded.session().runner().fetch(codebook.values()).run();
            var indices = loaded.function("quantize").call(Map.of("x", batch))) {
          assertArrayEquals(network.state().get(0), TensorValues.doubles(result.get(0)));
          assertEquals(Shape.of(40, 3, 2), indices.get(0).shape());
        }
        assertNotNull(loaded.graph().operation("codebook-usage"));
      }
    }
  }

  private static void assertSame(List<double[]> expected, List<double[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "state " + i);
    }
  }
}
