/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.clustering.ClusterOptions.Association;
import org.vqjava.ops.Training;
import org.vqjava.testing.Gradients;
import org.vqjava.testing.TensorValues;

/** Properties of clustered weights; the original's figures are the golden cases. */
class ClusterWeightsTest {
  private static final ClusterOptions FOUR = ClusterOptions.ofClusters(4);

  /** Normal numbers, each third one 0. */
  private static double[] values(int count, long seed) {
    Random random = new Random(seed);
    double[] values = new double[count];
    Arrays.setAll(values, i -> i % 3 == 0 ? 0 : (float) random.nextGaussian());
    return values;
  }

  private static <T extends TFloating> Variable<T> variable(
      Ops tf, String name, Class<T> type, double[] values, int... shape) {
    Ops init = tf.withInitScope();
    return tf.withName(name)
        .variable(
            init.reshape(init.dtypes.cast(init.constant(values), type), init.constant(shape)));
  }

  private static double[] fetch(Session session, Operand<?> operand) {
    try (Result result = session.runner().fetch(operand).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  @ParameterizedTest
  @CsvSource({"SUM, false", "AVG, false", "SUM, true", "AVG, true"})
  void weightsAreCentroidsAndGradientsTheirClosedForm(
      GradientAggregation aggregation, boolean perChannel) {
    for (Class<? extends TFloating> type : List.of(TFloat32.class, TFloat64.class)) {
      checkGradients(type, FOUR.withAggregation(aggregation).withPerChannel(perChannel));
    }
  }

  private static <T extends TFloating> void checkGradients(Class<T> type, ClusterOptions options) {
    int channels = options.perChannel() ? 3 : 1;
    double[] upstream = values(60, 9);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<T> kernel = variable(tf, "kernel", type, values(60, 1), 4, 5, 3);
      ClusteredWeight<T> clustered = ClusterWeights.cluster(tf, kernel, options);
      Operand<T> loss = weightedSum(tf, clustered.weight(), upstream);
      Operand<T> ofKernel = Gradients.of(graph, loss, kernel);
      Operand<T> ofCentroids = Gradients.of(graph, loss, clustered.centroidVariable());
      try (Session session = new Session(graph)) {
        session.initialize();
        clustered.start(session);
        double[] indices = fetch(session, clustered.pullingIndices());
        double[] centroids = fetch(session, clustered.centroids());
        double[] weight = fetch(session, clustered.weight());
        double[] sums = new double[channels * 4];
        double[] sizes = new double[channels * 4];
        for (int i = 0; i < 60; i++) {
          int place = i % channels * 4 + (int) indices[i];
          assertEquals(centroids[place], weight[i]);
          sums[place] += upstream[i];
          sizes[place]++;
        }
        assertArrayEquals(upstream, fetch(session, ofKernel));
        if (options.aggregation() == GradientAggregation.AVG) {
          Arrays.setAll(sums, j -> sums[j] / Math.max(1, sizes[j]));
        }
        assertArrayEquals(sums, fetch(session, ofCentroids), 1e-5);
        assertArrayEquals(sizes, fetch(session, clustered.clusterSizes()));
      }
    }
  }

  private static <T extends TFloating> Operand<T> weightedSum(
      Ops tf, Operand<T> weight, double[] factors) {
    return tf.sum(
        tf.math.mul(
            tf.reshape(weight, tf.constant(new int[] {-1})),
            tf.dtypes.cast(tf.constant(factors), weight.type())),
        tf.constant(0));
  }

  /**
   * A network with two clustered kernels, one of them used twice, trained to fit random targets.
   */
  private static final class Network implements AutoCloseable {
    final Graph graph = new Graph();
    final Ops tf = Ops.create(graph);
    final Operand<TFloat32> x = tf.constant(matrix(20, 6, 3));
    final Variable<TFloat32> first = variable(tf, "first", TFloat32.class, values(36, 1), 6, 6);
    final Variable<TFloat32> second = variable(tf, "second", TFloat32.class, values(12, 2), 6, 2);
    final Variable<TFloat32> bias =
        variable(tf, "bias", TFloat32.class, new double[] {0.1, -0.1}, 2);
    final ClusteredWeight<TFloat32> one;
    final ClusteredWeight<TFloat32> two;
    final Operand<TFloat32> loss;
    final Op step;
    final Session session;

    Network(ClusterOptions options) {
      one = ClusterWeights.cluster(tf, first, options);
      two = ClusterWeights.cluster(tf, second, options);
      Operand<TFloat32> y = output(tf, x, one.weight(), two.weight(), tf.identity(bias));
      loss =
          tf.math.mean(
              tf.math.squaredDifference(y, tf.constant(matrix(20, 2, 4))),
              tf.constant(new int[] {0, 1}));
      List<Operand<TFloat32>> trainable = new ArrayList<>(one.trainable());
      trainable.addAll(two.trainable());
      trainable.add(bias);
      step =
          Training.minimize(
              tf,
              loss,
              trainable,
              new Adam(graph, 1e-2f),
              List.of(one.centroids(), one.weight(), one.pullingIndices()));
      session = new Session(graph);
      session.initialize();
    }

    static Operand<TFloat32> output(
        Ops tf,
        Operand<TFloat32> x,
        Operand<TFloat32> first,
        Operand<TFloat32> second,
        Operand<TFloat32> bias) {
      Operand<TFloat32> hidden =
          tf.math.tanh(tf.linalg.matMul(tf.math.tanh(tf.linalg.matMul(x, first)), first));
      return tf.math.add(tf.linalg.matMul(hidden, second), bias);
    }

    void start() {
      one.start(session);
      two.start(session);
    }

    double[] train(int steps) {
      double[] losses = new double[steps];
      for (int i = 0; i < steps; i++) {
        try (Result result = session.runner().addTarget(step).fetch(loss).run()) {
          losses[i] = ((TFloat32) result.get(0)).getFloat();
        }
      }
      return losses;
    }

    private static float[][] matrix(int rows, int columns, long seed) {
      Random random = new Random(seed);
      float[][] matrix = new float[rows][columns];
      for (float[] row : matrix) {
        for (int i = 0; i < columns; i++) {
          row[i] = (float) random.nextGaussian();
        }
      }
      return matrix;
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  @Test
  void theLossFallsAndWeightsChangeTheirCluster() {
    try (Network network = new Network(FOUR)) {
      network.start();
      double[] indices = fetch(network.session, network.one.pullingIndices());
      double[] losses = network.train(200);
      assertTrue(losses[199] < 0.6 * losses[0], () -> losses[0] + " " + losses[199]);
      assertFalse(Arrays.equals(indices, fetch(network.session, network.one.pullingIndices())));
      assertTrue(distinct(fetch(network.session, network.one.weight())) <= 4);
    }
  }

  @Test
  void sameSeedSameBits() {
    double[][] losses = new double[2][];
    for (int i = 0; i < 2; i++) {
      try (Network network = new Network(FOUR)) {
        network.start();
        losses[i] = network.train(30);
      }
    }
    assertArrayEquals(losses[0], losses[1]);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void zerosStayExactlyZero(boolean perChannel) {
    ClusterOptions options = FOUR.withPreserveSparsity(true).withPerChannel(perChannel);
    try (Network network = new Network(options)) {
      network.start();
      double[] original = values(36, 1);
      for (int i = 0; i < 100; i++) {
        network.train(1);
        double[] weight = fetch(network.session, network.one.weight());
        for (int w = 0; w < 36; w++) {
          assertTrue(original[w] != 0 || weight[w] == 0, "step " + i + ", weight " + w);
        }
      }
      double[] zero = fetch(network.session, network.one.zeroIndex().orElseThrow());
      double[] centroids = fetch(network.session, network.one.centroids());
      for (int c = 0; c < zero.length; c++) {
        assertEquals(0, centroids[c * 4 + (int) zero[c]]);
      }
      double[] mask = fetch(network.session, network.one.sparsityMask().orElseThrow());
      for (int w = 0; w < 36; w++) {
        assertTrue(original[w] != 0 || mask[w] == 0);
      }
    }
  }

  @Test
  void frozenWeightsKeepTheirClusterAndTheOriginal() {
    try (Network network = new Network(FOUR.withAssociation(Association.FROZEN))) {
      network.start();
      double[] indices = fetch(network.session, network.one.pullingIndices());
      double[] losses = network.train(50);
      assertTrue(losses[49] < losses[0]);
      assertArrayEquals(indices, fetch(network.session, network.one.pullingIndices()));
      assertArrayEquals(values(36, 1), fetch(network.session, network.first));
    }
  }

  /** The held indices are found with the mask and the zero centroid of the same start. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void frozenClustersBeginAsUpdatedOnesDo(boolean perChannel) {
    ClusterOptions options = FOUR.withPreserveSparsity(true).withPerChannel(perChannel);
    try (Network updated = new Network(options);
        Network frozen = new Network(options.withAssociation(Association.FROZEN))) {
      updated.start();
      frozen.start();
      assertArrayEquals(
          fetch(updated.session, updated.one.pullingIndices()),
          fetch(frozen.session, frozen.one.pullingIndices()));
      assertArrayEquals(
          fetch(updated.session, updated.one.weight()), fetch(frozen.session, frozen.one.weight()));
    }
  }

  /** What is fetched with a step is from before it. */
  @Test
  void whatIsFetchedWithAStepIsOfItsForwardPass() {
    try (Network network = new Network(FOUR)) {
      network.start();
      for (int i = 0; i < 20; i++) {
        double[] before = fetch(network.session, network.one.centroids());
        double[] weight = fetch(network.session, network.one.weight());
        try (Result result =
            network
                .session
                .runner()
                .addTarget(network.step)
                .fetch(network.one.centroids())
                .fetch(network.one.weight())
                .run()) {
          assertArrayEquals(before, TensorValues.doubles(result.get(0)));
          assertArrayEquals(weight, TensorValues.doubles(result.get(1)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Association.class)
  void aStrippedNetworkComputesTheSameBitsAndIsSavedPlain(
      Association association, @TempDir Path directory) {
    String checkpoint = directory.resolve("checkpoint").toString();
    Path model = directory.resolve("model");
    ClusterOptions options = FOUR.withPreserveSparsity(true).withAssociation(association);
    double[] expected;
    try (Network network = new Network(options)) {
      network.start();
      network.train(40);
      Operand<TFloat32> output =
          Network.output(
              network.tf,
              network.x,
              network.one.weight(),
              network.two.weight(),
              network.tf.identity(network.bias));
      expected = fetch(network.session, output);
      network.one.strip(network.session);
      network.two.strip(network.session);
      assertArrayEquals(expected, fetch(network.session, output), "the clustered one after it");
      network.session.save(checkpoint);
    }
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class);
      Operand<TFloat32> output =
          Network.output(
              tf,
              x,
              tf.identity(variable(tf, "first", TFloat32.class, values(36, 1), 6, 6)),
              tf.identity(variable(tf, "second", TFloat32.class, values(12, 2), 6, 2)),
              tf.identity(variable(tf, "bias", TFloat32.class, new double[2], 2)));
      try (Session session = new Session(graph)) {
        session.restore(checkpoint);
        SavedModelBundle.exporter(model.toString())
            .withSession(session)
            .withSignature(Signature.builder("serve").input("x", x).output("y", output).build())
            .export();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try (SavedModelBundle loaded = SavedModelBundle.load(model.toString());
        TFloat32 fed = TFloat32.tensorOf(StdArrays.ndCopyOf(Network.matrix(20, 6, 3)));
        Result result = loaded.function("serve").call(Map.of("x", fed))) {
      assertArrayEquals(expected, TensorValues.doubles(result.get(0)));
      try (Result kernel = loaded.session().runner().fetch("first").run()) {
        double[] plain = TensorValues.doubles(kernel.get(0));
        assertTrue(distinct(plain) <= 4, () -> Arrays.toString(plain));
      }
    }
  }

  @Test
  void aRestoredCheckpointGoesOnWithoutAStart(@TempDir Path directory) {
    String checkpoint = directory.resolve("checkpoint").toString();
    ClusterOptions options = FOUR.withPreserveSparsity(true);
    double[] expected;
    try (Network network = new Network(options)) {
      network.start();
      network.train(10);
      network.session.save(checkpoint);
      expected = network.train(10);
    }
    try (Network network = new Network(options)) {
      network.session.restore(checkpoint);
      assertArrayEquals(expected, network.train(10));
    }
  }

  @Test
  void withoutAStartTheLossIsNoNumber() {
    try (Network network = new Network(FOUR)) {
      assertTrue(Double.isNaN(fetch(network.session, network.loss)[0]));
    }
  }

  @Test
  void zerosAloneAConstantAndFewValuesWork() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      double[] constant = new double[20];
      Arrays.fill(constant, 0.5);
      double[] few = new double[20];
      Arrays.setAll(few, i -> i % 3);
      Map<String, double[]> tensors =
          Map.of("zeros", new double[20], "constant", constant, "few", few);
      for (boolean sparsity : new boolean[] {false, true}) {
        List<ClusteredWeight<?>> all = new ArrayList<>();
        tensors.forEach(
            (name, values) ->
                all.add(
                    ClusterWeights.cluster(
                        tf,
                        variable(tf, name + sparsity, TFloat32.class, values, 4, 5),
                        FOUR.withPreserveSparsity(sparsity))));
        try (Session session = new Session(graph)) {
          session.initialize();
          all.forEach(weight -> weight.start(session));
          ClusteringReport report = ClusteringReport.of(session, all, List.of());
          for (ClusteringReport.Row row : report.rows()) {
            assertEquals(0, row.meanSquaredError(), row.name());
            assertEquals(
                Map.of(
                        "zeros" + sparsity, "all zero",
                        "constant" + sparsity, "constant",
                        "few" + sparsity, "only 3 different values before")
                    .get(row.name()),
                row.note());
          }
        }
      }
    }
  }

  /** The forward pass for what is far from the origin is as exact as elsewhere. */
  @Test
  void largeWeightsKeepTheirSign() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      double[] values = {-2e6, -1e6, -3e6, 5, 4e6, -2e6};
      ClusteredWeight<TFloat32> weight =
          ClusterWeights.cluster(
              tf,
              variable(tf, "kernel", TFloat32.class, values, 6),
              FOUR.withInitializer(CentroidInitializer.given(-2e6, -1e6, 0, 4e6)));
      try (Session session = new Session(graph)) {
        session.initialize();
        weight.start(session);
        assertArrayEquals(
            new double[] {-2e6, -1e6, -2e6, 0, 4e6, -2e6}, fetch(session, weight.weight()));
      }
    }
  }

  @Test
  void variablesOfTheWrapperAreAtTheRoot() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> kernel =
          variable(tf.withSubScope("dense"), "kernel", TFloat32.class, values(20, 1), 4, 5);
      ClusteredWeight<TFloat32> weight =
          ClusterWeights.cluster(tf.withSubScope("net"), kernel, FOUR);
      assertEquals("dense-kernel-centroids", weight.centroidVariable().op().name());
      assertEquals("dense/kernel", weight.name());
      assertEquals(Shape.of(4), weight.centroidVariable().shape());
    }
  }

  private static long distinct(double[] values) {
    return Arrays.stream(values).map(v -> v + 0.0).distinct().count();
  }
}
