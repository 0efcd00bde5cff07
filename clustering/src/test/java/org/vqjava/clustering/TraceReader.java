/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.Training;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Gradients;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

/** Runs a wrapped layer over several steps of gradient descent, then strips it. */
final class TraceReader {
  private final GoldenCase golden;
  private final Ops tf;
  private final Map<String, ClusteredWeight<TFloat32>> clustered = new LinkedHashMap<>();
  private final Map<String, Variable<TFloat32>> others = new LinkedHashMap<>();
  private final Placeholder<?> x;
  private final Placeholder<TFloat32> y;
  private final Operand<TFloat32> loss;
  private final Operand<TFloat32> stripped;
  private final Op step;
  private final Map<String, Operand<TFloat32>> centroidGradients = new LinkedHashMap<>();
  private final Map<String, Operand<TFloat32>> weightGradients = new LinkedHashMap<>();

  private TraceReader(Graph graph, GoldenCase golden) {
    this.golden = golden;
    this.tf = Ops.create(graph);
    GoldenNode params = golden.params();
    for (String array : List.of("input_shape", "kernel_size")) {
      params.ignore(array, "follows from the tensors");
    }
    for (String size :
        List.of(
            "filters",
            "hidden",
            "num_heads",
            "input_dim",
            "output_dim",
            "units",
            "use_bias",
            "data_format",
            "cluster_centroids_init")) {
      params.ignore(size, "follows from the tensors");
    }
    read();
    GoldenNode first = golden.steps().get(0).inputs();
    GoldenTensor input = first.tensor("x");
    x =
        input.dtype().equals("int32")
            ? tf.placeholder(TInt32.class, Placeholder.shape(input.shape()))
            : tf.placeholder(TFloat32.class, Placeholder.shape(input.shape()));
    y = tf.placeholder(TFloat32.class, Placeholder.shape(first.tensor("y").shape()));
    Operand<TFloat32> output = layers(true).build(x);
    if (!params.text("loss").equals("MSE") || !params.text("optimizer").equals("SGD")) {
      throw new AssertionError("the reader knows MSE and SGD alone");
    }
    loss =
        tf.math.mean(
            tf.reshape(tf.math.squaredDifference(output, y), tf.constant(new int[] {-1})),
            tf.constant(0));
    stripped = layers(false).build(x);
    List<Operand<TFloat32>> trainable = new ArrayList<>(others.values());
    clustered.forEach(
        (name, weight) -> {
          trainable.addAll(weight.trainable());
          centroidGradients.put(name, Gradients.of(graph, loss, weight.centroidVariable()));
          weightGradients.put(name, Gradients.of(graph, loss, weight.variable()));
        });
    step =
        Training.minimize(
            tf,
            loss,
            trainable,
            new GradientDescent(graph, (float) params.number("learning_rate")));
  }

  private TraceLayers layers(boolean wrapped) {
    return new TraceLayers(
        tf,
        golden.params(),
        name -> weight(name, wrapped),
        name -> clustered.containsKey(name) || others.containsKey(name));
  }

  /** Variables of all weights, the clustered ones wrapped. */
  private void read() {
    GoldenNode params = golden.params();
    GoldenNode inputs = golden.inputs();
    GoldenNode weights = inputs.child("weights");
    GoldenNode centroids = inputs.child("cluster_centroids");
    for (String name : weights.keys()) {
      int clusters = params.integer("number_of_clusters");
      GoldenTensor start = centroids.tensorOrZeros(name, Shape.of(Math.max(clusters, 0)));
      ClusterOptions options =
          ClusterOptions.ofClusters(clusters)
              .withInitializer(CentroidInitializer.given(start.doubles()))
              .withAggregation(GradientAggregation.of(params.text("cluster_gradient_aggregation")))
              .withPreserveSparsity(params.flag("preserve_sparsity"))
              // The original takes no notice of it but for convolutions.
              .withPerChannel(
                  params.flag("cluster_per_channel") && start.shape().numDimensions() == 2);
      clustered.put(
          name, ClusterWeights.cluster(tf, variable(name, weights.tensor(name)), options));
    }
    GoldenNode free = inputs.child("other_weights");
    for (String name : free.keys()) {
      others.put(name, variable(name, free.tensor(name)));
    }
  }

  private Variable<TFloat32> variable(String name, GoldenTensor value) {
    String legal = name.replaceFirst("^_", "").replace('/', '-').replace('.', '-');
    return tf.withName(legal)
        .variable(
            tf.withInitScope()
                .reshape(
                    tf.withInitScope()
                        .dtypes
                        .cast(tf.withInitScope().constant(value.doubles()), TFloat32.class),
                    tf.withInitScope().constant(value.shape().asArray())));
  }

  private Operand<TFloat32> weight(String name, boolean wrapped) {
    ClusteredWeight<TFloat32> of = clustered.get(name);
    if (of == null) {
      return tf.identity(
          Objects.requireNonNull(others.get(name), () -> "the case has no weight " + name));
    }
    return wrapped ? of.weight() : tf.identity(of.variable());
  }

  static void run(GoldenCase golden) {
    try (Graph graph = new Graph()) {
      TraceReader reader = new TraceReader(graph, golden);
      try (Session session = new Session(graph)) {
        session.initialize();
        reader.clustered.values().forEach(weight -> weight.start(session));
        reader.initial(session);
        for (GoldenCase.Step s : golden.steps()) {
          reader.step(session, s);
        }
        reader.strip(session);
      }
    }
  }

  private void initial(Session session) {
    GoldenNode initial = golden.expected().child("initial");
    GoldenNode indices = initial.child("pulling_indices");
    GoldenNode masks = initial.child("sparsity_mask");
    GoldenNode zeros = initial.child("zero_idx");
    GoldenOutputs outputs = new GoldenOutputs();
    clustered.forEach(
        (name, weight) -> {
          outputs.add(indices, name, weight.pullingIndices());
          weight.sparsityMask().ifPresent(mask -> outputs.add(masks, name, mask));
          weight.zeroIndex().ifPresent(zero -> outputs.add(zeros, name, zero));
        });
    outputs.check(session.runner(), golden.tolerance());
  }

  private void step(Session session, GoldenCase.Step s) {
    GoldenNode expected = s.expected();
    GoldenNode forward = expected.child("forward");
    GoldenNode gradients = expected.child("gradients");
    GoldenNode used = forward.child("cluster_centroids");
    GoldenNode indices = forward.child("pulling_indices");
    GoldenNode kernels = forward.child("clustered_weight");
    GoldenNode ofCentroids = gradients.child("cluster_centroids");
    GoldenNode ofWeights = gradients.child("original_weight");
    GoldenOutputs outputs = new GoldenOutputs();
    outputs.add(forward, "loss", loss);
    clustered.forEach(
        (name, weight) -> {
          outputs.add(used, name, weight.centroids());
          outputs.add(indices, name, weight.pullingIndices());
          outputs.add(kernels, name, weight.weight());
          outputs.add(ofWeights, name, Objects.requireNonNull(weightGradients.get(name)));
        });
    try (Tensor inputs = s.inputs().tensor("x").toTensor();
        Tensor targets = s.inputs().tensor("y").toTensor()) {
      outputs.check(fed(session, inputs, targets), golden.tolerance());
      clustered.forEach(
          (name, weight) ->
              checkButZero(
                  session,
                  fed(session, inputs, targets),
                  ofCentroids,
                  name,
                  weight,
                  Objects.requireNonNull(centroidGradients.get(name))));
      fed(session, inputs, targets).addTarget(step).run().close();
    }
    GoldenNode centroids = expected.child("cluster_centroids");
    GoldenNode weights = expected.child("original_weight");
    GoldenNode free = expected.child("other_weights");
    GoldenOutputs after = new GoldenOutputs();
    clustered.forEach((name, weight) -> after.add(weights, name, weight.variable()));
    others.forEach((name, variable) -> after.add(free, name, variable));
    after.check(session.runner(), golden.tolerance());
    clustered.forEach(
        (name, weight) ->
            checkButZero(
                session, session.runner(), centroids, name, weight, weight.centroidVariable()));
  }

  private Session.Runner fed(Session session, Tensor inputs, Tensor targets) {
    return session.runner().feed(x.asOutput(), inputs).feed(y, targets);
  }

  private void strip(Session session) {
    GoldenNode last = golden.expected().child("final");
    GoldenNode indices = last.child("pulling_indices");
    GoldenNode centroids = last.child("cluster_centroids");
    GoldenOutputs before = new GoldenOutputs();
    clustered.forEach(
        (name, weight) -> {
          before.add(indices, name, weight.pullingIndices());
          before.add(centroids, name, weight.centroids());
        });
    before.check(session.runner(), golden.tolerance());

    clustered.values().forEach(weight -> weight.strip(session));
    GoldenNode values = last.child("stripped");
    GoldenNode unique = last.child("unique_values");
    GoldenNode zeros = last.child("zero_count");
    clustered.forEach(
        (name, weight) -> {
          double[] found = fetch(session.runner(), weight.variable());
          golden.tolerance().check(name, found, values.tensor(name).doubles());
          Tolerance.EXACT.check(
              "unique values of " + name, distinct(weight, found), unique.tensor(name).doubles());
          Tolerance.EXACT.check(
              "zeros of " + name,
              new double[] {Arrays.stream(found).filter(v -> v == 0).count()},
              zeros.tensor(name).doubles());
        });
    GoldenOutputs prediction = new GoldenOutputs();
    prediction.add(last, "prediction", stripped);
    GoldenNode inputs = golden.steps().get(golden.steps().size() - 1).inputs();
    try (Tensor fed = inputs.tensor("x").toTensor()) {
      prediction.check(session.runner().feed(x.asOutput(), fed), golden.tolerance());
    }
  }

  private static double[] distinct(ClusteredWeight<?> weight, double[] values) {
    int channels = weight.options().channels(weight.variable().shape());
    double[] counts = new double[channels];
    for (int c = 0; c < channels; c++) {
      int channel = c;
      counts[c] =
          IntStream.range(0, values.length)
              .filter(i -> i % channels == channel)
              .mapToDouble(i -> values[i] + 0.0)
              .distinct()
              .count();
    }
    return counts;
  }

  /** The zero centroid is pinned here: it has no gradient and does not drift. */
  private void checkButZero(
      Session session,
      Session.Runner runner,
      GoldenNode expected,
      String name,
      ClusteredWeight<TFloat32> weight,
      Operand<?> actual) {
    double[] found = fetch(runner, actual);
    double[] wanted = expected.tensor(name).doubles();
    weight
        .zeroIndex()
        .ifPresent(
            zero -> {
              double[] at = fetch(session.runner(), zero);
              for (int c = 0; c < at.length; c++) {
                int place = c * weight.options().clusters() + (int) at[c];
                wanted[place] = found[place];
              }
            });
    golden.tolerance().check(name, found, wanted);
  }

  private static double[] fetch(Session.Runner runner, Operand<?> operand) {
    try (Result result = runner.fetch(operand).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }
}
