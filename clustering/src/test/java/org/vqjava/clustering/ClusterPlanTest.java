/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Which variables are clustered, and what is refused. */
class ClusterPlanTest {
  private static final ClusterOptions FOUR = ClusterOptions.ofClusters(4);

  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);

  @AfterEach
  void close() {
    graph.close();
  }

  private Variable<TFloat32> kernel(String name, int... shape) {
    Ops init = tf.withInitScope();
    Ops scoped = tf;
    String[] parts = name.split("/", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      scoped = scoped.withSubScope(parts[i]);
    }
    return scoped
        .withName(parts[parts.length - 1])
        .variable(
            init.random.statelessRandomNormal(
                init.constant(shape), init.constant(new long[] {1, 2}), TFloat32.class));
  }

  private static List<String> names(ClusteredWeights weights) {
    return weights.clustered().stream().map(ClusteredWeight::name).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "kernel, true",
    "dense/kernel, true",
    "conv-kernel, true",
    "lstm.recurrent_kernel, true",
    "kernel_1, true",
    "rnn/kernel/0, true",
    "separable/pointwise_kernel, true",
    "mha/query/kernel, true",
    "embedding/embeddings, true",
    "word-embedding, true",
    "depthwise_kernel, false",
    "conv/depthwise_kernel, false",
    "dense/bias, false",
    "norm/gamma, false",
    "norm/beta, false",
    "norm/moving_variance, false",
    "kernel-centroids, false",
    "mykernel, false"
  })
  void kernelsAreKnownByTheirNames(String name, boolean clustered) {
    Variable<TFloat32> variable = kernel(name, 4, 5);
    ClusterPlan plan = ClusterPlan.ofKernels(FOUR);
    assertEquals(clustered, plan.optionsFor(variable).isPresent());
  }

  @Test
  void theLastRuleThatMatchesHolds() {
    List<Variable<TFloat32>> all =
        List.of(kernel("a/kernel", 8, 8), kernel("b/kernel", 8, 8), kernel("c/kernel", 8, 8));
    ClusteredWeights weights =
        ClusterWeights.clusterAll(
            tf,
            all,
            ClusterPlan.ofKernels(FOUR).with("b/.*", FOUR.withClusters(8)).without("c/kernel"));
    assertEquals(List.of("a/kernel", "b/kernel"), names(weights));
    assertEquals(8, weights.clustered().get(1).options().clusters());
    assertEquals(List.of(), weights.skipped());
    ClusteredWeights large =
        ClusterWeights.clusterAll(
            Ops.create(graph),
            List.of(kernel("d", 3, 2), kernel("e", 8, 8)),
            new ClusterPlan(List.of()).with(v -> v.shape().size() > 10, "large ones", FOUR));
    assertEquals(List.of("e"), names(large));
  }

  @Test
  void whatHasTooFewWeightsIsSkippedWithAReason() {
    List<Operand<?>> all =
        new ArrayList<>(List.of(kernel("small/kernel", 2, 2), kernel("large/kernel", 5, 5)));
    ClusteredWeights weights = ClusterWeights.clusterAll(tf, all, ClusterPlan.ofKernels(FOUR));
    assertEquals(
        List.of(
            new ClusteringReport.Skipped(
                "small/kernel", "must have more weights than the 4 clusters, got 4")),
        weights.skipped());
    assertEquals(List.of("large/kernel"), names(weights));
    ClusteredWeights channels =
        ClusterWeights.clusterAll(
            tf,
            List.of(kernel("vector-kernel", 20), kernel("thin/kernel", 4, 9)),
            ClusterPlan.ofKernels(FOUR.withPerChannel(true)));
    assertEquals(
        List.of(
            "must have channels, that is rank 2 or more, got shape [20]",
            "must have more weights in a channel than the 4 clusters, got 4"),
        channels.skipped().stream().map(ClusteringReport.Skipped::reason).toList());
  }

  @Test
  void aVariableThatIsLeftAloneIsReadAsItIs() {
    Variable<TFloat32> bias = kernel("bias", 7);
    Variable<TFloat32> kernel = kernel("kernel", 7, 3);
    ClusteredWeights weights =
        ClusterWeights.clusterAll(tf, List.of(kernel, bias), ClusterPlan.ofKernels(FOUR));
    assertEquals("Identity", weights.weight(tf, bias).op().type());
    assertEquals(
        List.of("kernel", "kernel-centroids", "bias"),
        weights.trainable().stream().map(v -> v.op().name()).toList());
    refused(
        "variable must be one of those given, got other",
        () -> weights.weight(tf, kernel("other", 2)));
  }

  @Test
  void reportTellsSizesAndErrors() {
    Variable<TFloat32> kernel = kernel("kernel", 30, 10);
    ClusteredWeights weights =
        ClusterWeights.clusterAll(
            tf,
            List.of(kernel, kernel("small-kernel", 2, 2)),
            ClusterPlan.ofKernels(FOUR.withClusters(5)));
    try (Session session = new Session(graph)) {
      session.initialize();
      weights.start(session);
      ClusteringReport report = weights.report(session);
      ClusteringReport.Row row = report.rows().get(0);
      assertEquals(3, row.indexBits());
      assertEquals(5, row.distinct());
      assertEquals(1200, row.bytes());
      assertEquals((300 * 3 + 7) / 8 + 20, row.packedBytes());
      assertTrue(row.entropyBytes() < row.packedBytes() && row.entropyBytes() > 20);
      assertTrue(row.meanSquaredError() > 0 && row.meanSquaredError() < 0.1);
      assertEquals(row.packedBytes(), report.packedBytes());
      List<String> lines = report.toString().lines().toList();
      assertEquals(4, lines.size());
      assertTrue(
          lines.get(1).matches("kernel +\\[30, 10] +5 +5 +3 +0.0 % +0.0 % +1,200 +133 .*"),
          lines.get(1));
      assertTrue(lines.get(2).startsWith("sum"), lines.get(2));
      assertEquals(
          "not clustered: small-kernel must have more weights than the 5 clusters, got 4",
          lines.get(3));
    }
  }

  @Test
  void errorsNameTheTensor() {
    Variable<TFloat32> kernel = kernel("kernel", 4, 5);
    refused(
        "clusters of kernel must be at least 2, got 1",
        () -> ClusterWeights.cluster(tf, kernel, FOUR.withClusters(1)));
    refused(
        "clusters of kernel must be at least 3 with sparsity preservation, got 2",
        () -> ClusterWeights.cluster(tf, kernel, FOUR.withClusters(2).withPreserveSparsity(true)));
    refused(
        "kernel must have more weights than the 20 clusters, got 20",
        () -> ClusterWeights.cluster(tf, kernel, FOUR.withClusters(20)));
    refused(
        "kernel must have more weights in a channel than the 4 clusters, got 4",
        () -> ClusterWeights.cluster(tf, kernel, FOUR.withPerChannel(true)));
    refused(
        "vector must have channels, that is rank 2 or more, got shape [9]",
        () -> ClusterWeights.cluster(tf, kernel("vector", 9), FOUR.withPerChannel(true)));
    try (Graph other = new Graph()) {
      refused(
          "kernel must be a variable of the graph that tf builds, got another graph's",
          () -> ClusterWeights.cluster(Ops.create(other), kernel, FOUR));
    }
    refused(
        "constant must be what tf.variable returned, got Const",
        () ->
            ClusterWeights.cluster(
                tf, tf.withName("constant").constant(new float[] {1, 2, 3, 4, 5}), FOUR));
    Ops init = tf.withInitScope();
    Operand<TInt32> integers =
        tf.withName("integers").variable(init.constant(new int[] {1, 2, 3, 4, 5}));
    refused(
        "integers must be float32 or float64, got TInt32",
        () -> ClusterWeights.clusterAll(tf, List.of(integers), ClusterPlan.of(".*", FOUR)));
    refused(
        "variables must be distinct, got kernel twice",
        () -> ClusterWeights.clusterAll(tf, List.of(kernel, kernel), ClusterPlan.ofKernels(FOUR)));
    refused(
        "a rule must match a variable, got kernal for [kernel]",
        () -> ClusterWeights.clusterAll(tf, List.of(kernel), ClusterPlan.of("kernal", FOUR)));
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity"})
  void weightsThatAreNoNumbersAreNamedAtTheStart(float value) {
    Variable<TFloat32> kernel =
        tf.withName("kernel")
            .variable(tf.withInitScope().constant(new float[] {1, 2, value, 4, 5}));
    ClusteredWeight<TFloat32> weight = ClusterWeights.cluster(tf, kernel, FOUR);
    try (Session session = new Session(graph)) {
      session.initialize();
      refused("kernel: weights must be finite, got " + value, () -> weight.start(session));
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
