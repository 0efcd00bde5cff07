/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.ClusterWeights;
import org.vqjava.clustering.ClusteredWeights;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.clustering.pq.QuantizedVariable;
import org.vqjava.clustering.pq.QuantizedWeight;
import org.vqjava.ops.Training;
import org.vqjava.workflow.LabelledImages;

/**
 * A small classifier of 8 × 8 digits that was trained already: convolution 1 → 8 (3 × 3), ReLU,
 * dense 288 → 32, ReLU, dense 32 → 10. 9,658 numbers, of which 9,608 are in its three kernels.
 */
final class DigitsNetwork implements AutoCloseable {
  private static final float ADAM_EPSILON = 1e-7f;
  private static final int BATCH = 32;

  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Map<String, Variable<TFloat32>> variables = new LinkedHashMap<>();
  private final Map<String, QuantizedVariable> quantized = new LinkedHashMap<>();
  private final ClusteredWeights weights;
  private final Placeholder<TFloat32> images;
  private final Placeholder<TInt32> labels;
  private final Operand<TFloat32> loss;
  private final Operand<TFloat32> accuracy;
  private final List<Op> steps = new ArrayList<>();
  private final Session session;

  /** A weight's shape and numbers. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Weight(int[] shape, float[] values) {}

  /**
   * The trained network in a session of its own, clustered as the plan has it.
   *
   * @param plan of what is clustered; nothing for one without rules
   * @param rate learning rate of Adam
   */
  DigitsNetwork(ClusterPlan plan, double rate) {
    this(trainedWeights(), plan, List.of(rate));
  }

  /** The same with other weights to begin with, and a rate for each phase of the training. */
  DigitsNetwork(Map<String, Weight> trained, ClusterPlan plan, List<Double> rates) {
    this(trained, plan, Map.of(), rates);
  }

  /** The same with quantized weights in place of some. */
  DigitsNetwork(
      Map<String, Weight> trained,
      ClusterPlan plan,
      Map<String, QuantizedWeight> blocks,
      List<Double> rates) {
    trained.forEach((name, weight) -> variables.put(name, variable(name, weight)));
    blocks.forEach(
        (name, block) ->
            quantized.put(
                name, QuantizedVariable.create(tf, name, block, GradientAggregation.AVG)));
    // region cluster
    weights = ClusterWeights.clusterAll(tf, List.copyOf(variables.values()), plan);
    images = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 8, 8, 1)));
    Operand<TFloat32> maps =
        tf.nn.relu(
            tf.math.add(
                tf.nn.conv2d(images, weight("conv.kernel"), List.of(1L, 1L, 1L, 1L), "VALID"),
                weight("conv.bias")));
    Operand<TFloat32> flat = tf.reshape(maps, tf.constant(new int[] {-1, 288}));
    Operand<TFloat32> hidden =
        tf.nn.relu(
            tf.math.add(tf.linalg.matMul(flat, weight("hidden.kernel")), weight("hidden.bias")));
    Operand<TFloat32> logits =
        tf.math.add(tf.linalg.matMul(hidden, weight("logits.kernel")), weight("logits.bias"));
    // endregion
    labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> oneHot = tf.oneHot(labels, tf.constant(10), tf.constant(1f), tf.constant(0f));
    loss = tf.math.mean(tf.nn.softmaxCrossEntropyWithLogits(logits, oneHot).loss(), tf.constant(0));
    accuracy =
        tf.math.mean(
            tf.dtypes.cast(
                tf.math.equal(tf.math.argMax(logits, tf.constant(1), TInt32.class), labels),
                TFloat32.class),
            tf.constant(0));
    for (double rate : rates) {
      Adam adam =
          new Adam(graph, (float) rate, Adam.BETA_ONE_DEFAULT, Adam.BETA_TWO_DEFAULT, ADAM_EPSILON);
      steps.add(Training.minimize(tf, loss, trainable(), adam));
    }
    session = new Session(graph);
    session.initialize();
    weights.start(session);
  }

  /** Of a quantized weight the centroids move, and the variable that it stands for does not. */
  private List<Operand<? extends TFloating>> trainable() {
    List<Operand<? extends TFloating>> all = new ArrayList<>(weights.trainable());
    quantized.forEach(
        (name, weight) -> {
          all.removeIf(v -> v.op().name().equals(name));
          all.add(weight.centroids());
        });
    return all;
  }

  private Operand<TFloat32> weight(String name) {
    QuantizedVariable blocks = quantized.get(name);
    if (blocks != null) {
      return blocks.weight();
    }
    return weights.weight(tf, Objects.requireNonNull(variables.get(name), name));
  }

  private Variable<TFloat32> variable(String name, Weight weight) {
    Ops init = tf.withInitScope();
    return tf.withName(name)
        .variable(init.reshape(init.constant(weight.values()), init.constant(weight.shape())));
  }

  static Map<String, Weight> trainedWeights() {
    try (InputStream in = DigitsNetwork.class.getResourceAsStream("digits-weights.json")) {
      Map<String, Weight> weights = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : new ObjectMapper().readTree(in).properties()) {
        JsonNode numbers = entry.getValue().get("values");
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = numbers.get(i).floatValue();
        }
        weights.put(entry.getKey(), new Weight(shape(entry.getValue()), values));
      }
      return weights;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] shape(JsonNode tensor) {
    return StreamSupport.stream(tensor.get("shape").spliterator(), false)
        .mapToInt(JsonNode::intValue)
        .toArray();
  }

  /** Weights of the same shapes, kernels uniform as Glorot has it, biases 0. */
  static Map<String, Weight> randomWeights(long seed) {
    Random random = new Random(seed);
    Map<String, Weight> weights = new LinkedHashMap<>();
    trainedWeights()
        .forEach(
            (name, weight) -> {
              int[] shape = weight.shape();
              int field = shape.length == 4 ? shape[0] * shape[1] : 1;
              float[] values = new float[weight.values().length];
              if (shape.length > 1) {
                int fans = field * (shape[shape.length - 2] + shape[shape.length - 1]);
                float bound = (float) Math.sqrt(6.0 / fans);
                for (int i = 0; i < values.length; i++) {
                  values[i] = bound * (2 * random.nextFloat() - 1);
                }
              }
              weights.put(name, new Weight(shape, values));
            });
    return weights;
  }

  /** The quantized weights as they stand. */
  Map<String, QuantizedWeight> readQuantized() {
    Map<String, QuantizedWeight> blocks = new LinkedHashMap<>();
    quantized.forEach((name, variable) -> blocks.put(name, variable.read(session)));
    return blocks;
  }

  /** The weights as they stand. */
  Map<String, Weight> read() {
    Map<String, Weight> weights = new LinkedHashMap<>();
    variables.forEach(
        (name, variable) -> {
          try (Result result = session.runner().fetch(variable).run()) {
            float[] values = new float[Math.toIntExact(variable.shape().size())];
            result.get(0).asRawTensor().data().asFloats().read(values);
            int[] shape =
                Arrays.stream(variable.shape().asArray()).mapToInt(Math::toIntExact).toArray();
            weights.put(name, new Weight(shape, values));
          }
        });
    return weights;
  }

  /**
   * Trains on batches of 32, in an order that the seed determines: the same as in the reference.
   *
   * @param data to train on
   * @param epochs how often each image is seen
   * @param seed of the order
   * @param heard gets the number of each step and the mean loss of its epoch so far
   * @return the mean loss of each epoch
   */
  List<Double> train(LabelledImages data, int epochs, long seed, StepListener heard) {
    return train(data, List.of(epochs), seed, heard);
  }

  /** The same in phases, so many epochs each, with the rates that the network was built with. */
  List<Double> train(
      LabelledImages data, List<Integer> epochsOfPhases, long seed, StepListener heard) {
    Random random = new Random(seed);
    List<Integer> order = new ArrayList<>(IntStream.range(0, data.count()).boxed().toList());
    List<Double> losses = new ArrayList<>();
    int taken = 0;
    for (int phase = 0; phase < epochsOfPhases.size(); phase++) {
      for (int epoch = 0; epoch < epochsOfPhases.get(phase); epoch++) {
        Collections.shuffle(order, random);
        double sum = 0;
        for (int from = 0; from < order.size(); from += BATCH) {
          List<Integer> batch = order.subList(from, Math.min(from + BATCH, order.size()));
          int[] chosen = batch.stream().mapToInt(Integer::intValue).toArray();
          sum += scalar(data.some(chosen), loss, steps.get(phase)) * chosen.length;
          heard.stepped(++taken, sum / (from + chosen.length));
        }
        losses.add(sum / order.size());
      }
    }
    return losses;
  }

  /** Hears of steps. */
  @FunctionalInterface
  interface StepListener {
    void stepped(int step, double loss);
  }

  static int stepsAnEpoch(LabelledImages data) {
    return (data.count() + BATCH - 1) / BATCH;
  }

  double accuracy(LabelledImages data) {
    return scalar(data, accuracy);
  }

  double loss(LabelledImages data) {
    return scalar(data, loss);
  }

  /** Makes the clustered weights plain ones. */
  void strip() {
    weights.strip(session);
  }

  ClusteredWeights weights() {
    return weights;
  }

  Session session() {
    return session;
  }

  private double scalar(LabelledImages data, Operand<TFloat32> fetched, Op... targets) {
    try (TFloat32 fed = data.images().all();
        TInt32 classes = data.labelTensor()) {
      Session.Runner runner =
          session.runner().feed(images, fed).feed(labels, classes).fetch(fetched);
      for (Op target : targets) {
        runner.addTarget(target);
      }
      try (Result result = runner.run()) {
        return ((TFloat32) result.get(0)).getFloat();
      }
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
