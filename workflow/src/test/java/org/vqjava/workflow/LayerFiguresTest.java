/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterWeights;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.CosineVectorQuantization;
import org.vqjava.layers.CosineVqOptions;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.CodebookView;
import org.vqjava.monitoring.Distribution;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.ops.Training;

/** What an observation of a layer has, against what its inputs make of it by hand. */
class LayerFiguresTest {
  private static final float[] CODES = {0, 0, 3, 4};
  private static final float[][] X = {{0, 1}, {0, 2}, {3, 4}};

  private static Snapshot snapshot(int codes, Observation seen) {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(all::add))) {
      recorder.codebook("a", codes).record(seen);
    }
    return all.get(0);
  }

  @Test
  void aLayersFiguresAreOfOneRunAndFromBeforeTheStep() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 2, 2, CodebookInitializer.constant(CODES));
      var vq =
          VectorQuantization.vectorQuantization(
              tf, tf.constant(X), codebook, VqOptions.defaults().withGamma(0));
      LayerFigures figures = LayerFigures.of(vq).withLoss("mine", tf.constant(0.5f));
      Op step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new GradientDescent(graph, 0.1f),
              figures.operands());
      try (Session session = new Session(graph)) {
        session.initialize();
        Snapshot first = snapshot(2, figures.observe(1, session.runner().addTarget(step), true));
        assertArrayEquals(new long[] {2, 1}, first.counts());
        Distribution distance = first.nearestDistance().orElseThrow();
        assertEquals(3, distance.finite());
        assertEquals(1, distance.mean(), 1e-6);
        assertEquals(2, distance.max(), 1e-6);
        CodebookView view = first.view().orElseThrow();
        assertArrayEquals(new float[] {0, 0, 3, 4}, view.values(), "from before the step");
        assertEquals(5, view.spacing().orElseThrow().min(), 1e-6);
        assertEquals(0.5, first.losses().get("mine"));
        assertTrue(first.losses().containsKey("total"), () -> "" + first.losses());
        Set<String> terms = first.losses().keySet();
        assertFalse(terms.contains("coulomb"), () -> "weight 0 is no loss: " + terms);

        Snapshot second = snapshot(2, figures.observe(2, session.runner(), false));
        assertTrue(second.view().isEmpty());
        assertTrue(second.nearestDistance().orElseThrow().mean() < 1, "it learned");
        assertThrows(
            IllegalArgumentException.class, () -> figures.observe(-1, session.runner(), false));
      }
    }
  }

  @Test
  void aCosineLayerHasSimilarities() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Codebook<TFloat32> codebook =
          Codebook.create(
              tf, "codebook", 2, 2, CodebookInitializer.constant(new float[] {0, 2, 3, 0}));
      var vq =
          CosineVectorQuantization.cosineVectorQuantization(
              tf, tf.constant(X), codebook, CosineVqOptions.defaults());
      try (Session session = new Session(graph)) {
        session.initialize();
        Snapshot seen = snapshot(2, LayerFigures.of(vq).observe(1, session.runner(), true));
        assertArrayEquals(new long[] {3, 0}, seen.counts());
        assertEquals(0.8, seen.similarity().orElseThrow().min(), 1e-6);
        assertTrue(seen.nearestDistance().isEmpty());
        assertArrayEquals(new float[] {0, 2, 3, 0}, seen.view().orElseThrow().values());
      }
    }
  }

  /** Of float64 too, and what the runner fetches besides is in nobody's way. */
  @Test
  void aClusteredWeightsCentroidsAreItsCodes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat64> kernel =
          tf.withName("kernel").variable(tf.constant(new double[][] {{1, 1, 4, 4, 4}}));
      ClusteredWeight<TFloat64> weight =
          ClusterWeights.cluster(
              tf,
              kernel,
              ClusterOptions.ofClusters(2).withInitializer(CentroidInitializer.linear()));
      Operand<TFloat64> loss = tf.constant(7.25);
      Operand<TFloat64> besides = tf.constant(1.0);
      try (Session session = new Session(graph)) {
        session.initialize();
        weight.start(session);
        try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of())) {
          CodebookRecorder codes = recorder.codebook(weight.name(), 2);
          assertTrue(codes.viewIsDue());
        }
        Snapshot seen =
            snapshot(
                2,
                LayerFigures.of(weight)
                    .withLoss("w", loss)
                    .withLoss("the same", loss)
                    .observe(3, session.runner().fetch(besides), true));
        assertArrayEquals(new long[] {2, 3}, seen.counts());
        assertArrayEquals(new float[] {1, 4}, seen.view().orElseThrow().values());
        assertEquals(7.25, seen.losses().get("w"));
        assertEquals(7.25, seen.losses().get("the same"));
        assertEquals(3, seen.step());
      }
    }
  }
}
