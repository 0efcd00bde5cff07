/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.vqjava.clustering.ClusterOptions.Association;
import org.vqjava.ops.AccessCount;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.Variables;

/**
 * A weight that has few different values, made of a variable.
 *
 * <p>Until {@link #start} the centroids are NaN, so that a loss that was computed too early is
 * seen. Whatever has been saved with its centroids needs no start after it is restored.
 *
 * @param <T> float32 or float64
 */
public final class ClusteredWeight<T extends TFloating> {
  private final Operand<T> variable;
  private final ClusterOptions options;
  private final Variable<T> centroidVariable;
  private final Placeholder<TFloat64> startValues;
  private final Op startCentroids;
  private final List<Op> startState = new ArrayList<>();
  private final Operand<T> original;
  private final Operand<T> centroids;
  private final Operand<TInt32> pullingIndices;
  private final Operand<T> weight;
  private final Operand<TInt64> clusterSizes;
  private final Optional<Operand<T>> mask;
  private final Optional<Operand<TInt32>> zeroIndex;
  private final Op strip;

  ClusteredWeight(Ops root, Operand<T> variable, ClusterOptions options) {
    this.variable = variable;
    this.options = options;
    Ops tf = Scopes.of(root, "ClusterWeights");
    Shape shape = variable.shape();
    int channels = options.channels(shape);
    int k = options.clusters();
    Shape book = options.perChannel() ? Shape.of(channels, k) : Shape.of(k);

    centroidVariable = variable(root, "centroids", book, variable.type(), Double.NaN);
    startValues = tf.placeholder(TFloat64.class, Placeholder.shape(book));
    startCentroids = tf.assign(centroidVariable, tf.dtypes.cast(startValues, variable.type()));

    original = tf.identity(variable);
    Operand<T> trained = Variables.snapshot(tf, centroidVariable);
    Operand<T> drawn;
    if (options.preserveSparsity()) {
      Sparsity<T> sparsity = sparsity(root, tf, trained, shape, channels);
      mask = Optional.of(sparsity.mask());
      zeroIndex = Optional.of(sparsity.zeroIndex());
      centroids = sparsity.pinned();
      drawn = tf.math.mul(original, sparsity.mask());
    } else {
      mask = Optional.empty();
      zeroIndex = Optional.empty();
      centroids = trained;
      drawn = original;
    }
    WeightClustering<T> algorithm = algorithm(centroids);
    pullingIndices =
        options.association() == Association.FROZEN
            ? frozen(root, tf, shape, algorithm.pullingIndices(tf, drawn))
            : algorithm.pullingIndices(tf, drawn);
    weight = algorithm.clusteredWeight(tf, pullingIndices, drawn);
    clusterSizes = clusterSizes(tf, channels, k, book);
    strip = tf.assign(variable, weight);
  }

  private WeightClustering<T> algorithm(Operand<T> centroids) {
    return options.perChannel()
        ? new ClusteringAlgorithmPerChannel<>(
            centroids, options.aggregation(), DataFormat.CHANNELS_LAST)
        : new ClusteringAlgorithm<>(centroids, options.aggregation());
  }

  private record Sparsity<T extends TFloating>(
      Operand<T> mask, Operand<TInt32> zeroIndex, Operand<T> pinned) {}

  /** Which weights are 0 for good, and centroids with the zero one pinned there. */
  private Sparsity<T> sparsity(Ops root, Ops tf, Operand<T> trained, Shape shape, int channels) {
    Variable<T> maskVariable = variable(root, "mask", shape, variable.type(), 1);
    Variable<TInt32> zeroVariable = variable(root, "zero", Shape.of(channels), TInt32.class, 0);
    Operand<T> read = tf.identity(centroidVariable);
    Operand<TInt32> nearest = algorithm(read).pullingIndices(tf, original);
    Operand<T> drawn = algorithm(read).clusteredWeight(tf, nearest, original);
    startState.add(
        tf.assign(
            maskVariable,
            tf.dtypes.cast(tf.math.notEqual(drawn, tf.zerosLike(drawn)), variable.type())));
    startState.add(
        tf.assign(
            zeroVariable,
            tf.math.argMin(tf.math.abs(rows(tf, read, channels)), tf.constant(1), TInt32.class)));

    Operand<TInt32> zero = tf.identity(zeroVariable);
    Operand<T> rows = rows(tf, trained, channels);
    Operand<T> atZero =
        tf.gather(rows, tf.expandDims(zero, tf.constant(1)), tf.constant(1), Gather.batchDims(1L));
    Operand<TBool> isZero = tf.math.equal(rows, tf.stopGradient(atZero));
    Operand<T> pinned =
        tf.reshape(
            tf.select(isZero, tf.zerosLike(rows), rows), tf.constant(trained.shape().asArray()));
    return new Sparsity<>(tf.identity(maskVariable), zero, pinned);
  }

  private static <T extends TFloating> Operand<T> rows(Ops tf, Operand<T> book, int channels) {
    return tf.reshape(book, tf.constant(new int[] {channels, -1}));
  }

  private Operand<TInt32> frozen(Ops root, Ops tf, Shape shape, Operand<TInt32> first) {
    Variable<TInt32> held = variable(root, "indices", shape, TInt32.class, 0);
    startState.add(tf.assign(held, first));
    return tf.identity(held);
  }

  private Operand<TInt64> clusterSizes(Ops tf, int channels, int k, Shape book) {
    if (!options.perChannel()) {
      return AccessCount.of(tf, pullingIndices, k);
    }
    int[] firsts = new int[channels];
    Arrays.setAll(firsts, c -> c * k);
    Operand<TInt32> rows = tf.math.add(pullingIndices, tf.constant(firsts));
    return tf.reshape(AccessCount.of(tf, rows, channels * k), tf.constant(book.asArray()));
  }

  /** A variable at the root, where slot optimizers take it. */
  private <V extends TNumber> Variable<V> variable(
      Ops root, String what, Shape shape, Class<V> type, double initial) {
    Ops plain = Ops.create(root.scope().env());
    Ops init = plain.withInitScope();
    String name = name().replace('/', '-') + "-" + what;
    return plain
        .withName(name)
        .variable(
            init.fill(
                init.constant(shape.asArray()), init.dtypes.cast(init.constant(initial), type)));
  }

  /**
   * The name of the variable.
   *
   * @return as the graph has it
   */
  public String name() {
    return ClusterWeights.name(variable);
  }

  /**
   * How it is clustered.
   *
   * @return the options
   */
  public ClusterOptions options() {
    return options;
  }

  /**
   * The variable that was clustered; it stays the original weight, which is trained.
   *
   * @return what {@code tf.variable} returned
   */
  public Operand<T> variable() {
    return variable;
  }

  /**
   * What the network computes with, in training and in inference alike: each weight's centroid, to
   * the last bit.
   *
   * <p>Gradient: to the original weight unchanged, 0 where sparsity preservation holds a weight at
   * 0; to each centroid the sum, or the mean, of its members', 0 to the zero centroid. What is
   * nearest is a function of both at each run, not a state.
   *
   * @return the clustered weight, in the shape of the variable
   */
  public Operand<T> weight() {
    return weight;
  }

  /**
   * The centroids that the weights take, a zero centroid exactly 0.
   *
   * @return {@code [k]}, per channel {@code [C, k]}
   */
  public Operand<T> centroids() {
    return centroids;
  }

  /**
   * Which centroid each weight takes.
   *
   * @return in [0, k), in the shape of the variable
   */
  public Operand<TInt32> pullingIndices() {
    return pullingIndices;
  }

  /**
   * How many weights take each centroid.
   *
   * @return {@code [k]}, per channel {@code [C, k]}
   */
  public Operand<TInt64> clusterSizes() {
    return clusterSizes;
  }

  /**
   * Which weights may differ from 0, fixed by {@link #start}.
   *
   * @return 1 or 0, in the shape of the variable; empty without sparsity preservation
   */
  public Optional<Operand<T>> sparsityMask() {
    return mask;
  }

  /**
   * Which centroid is 0, fixed by {@link #start}.
   *
   * @return {@code [1]}, per channel {@code [C]}; empty without sparsity preservation
   */
  public Optional<Operand<TInt32>> zeroIndex() {
    return zeroIndex;
  }

  /**
   * The variable of the centroids.
   *
   * @return {@code [k]}, per channel {@code [C, k]}
   */
  public Operand<T> centroidVariable() {
    return centroidVariable;
  }

  /**
   * What an optimizer is to move: the original weight and the centroids; the centroids alone if the
   * association is frozen.
   *
   * @return variables
   */
  public List<Operand<T>> trainable() {
    return options.association() == Association.FROZEN
        ? List.of(centroidVariable)
        : List.of(variable, centroidVariable);
  }

  /**
   * Reads the weight, chooses the centroids and sets them, and what sparsity preservation and a
   * frozen association hold fixed. Once, after the weights are initialized or restored, before the
   * first run.
   *
   * @param session of the graph
   * @throws IllegalArgumentException if a weight is NaN or infinite
   */
  public void start(Session session) {
    start(List.of(this), session);
  }

  /**
   * Starts several at once: each run of a session with other fetches prunes and optimizes the whole
   * graph, so their number must not grow with that of the weights.
   */
  static void start(List<? extends ClusteredWeight<?>> weights, Session session) {
    if (weights.isEmpty()) {
      return; // to fetch nothing is an error for a session
    }
    List<Tensor> fed = new ArrayList<>();
    try {
      Session.Runner reading = session.runner();
      weights.forEach(weight -> reading.fetch(weight.original()));
      Session.Runner assigning = session.runner();
      try (Result originals = reading.run()) {
        for (int i = 0; i < weights.size(); i++) {
          ClusteredWeight<?> weight = weights.get(i);
          double[] starting = weight.startingCentroids(Values.of(originals.get(i)));
          Tensor centroids = Values.tensor(weight.centroidVariable.shape(), starting);
          fed.add(centroids);
          assigning.feed(weight.startValues, centroids).addTarget(weight.startCentroids);
        }
      }
      assigning.run().close();
    } finally {
      fed.forEach(Tensor::close);
    }
    // One after the other: frozen indices are found with the mask and the zero centroid.
    List<List<Op>> states = new ArrayList<>();
    for (ClusteredWeight<?> weight : weights) {
      for (int i = 0; i < weight.startState.size(); i++) {
        if (i == states.size()) {
          states.add(new ArrayList<>());
        }
        states.get(i).add(weight.startState.get(i));
      }
    }
    states.forEach(together -> run(session, together));
  }

  private double[] startingCentroids(double[] weights) {
    int k = options.clusters();
    List<Centroids> all;
    try {
      all =
          options.perChannel()
              ? options
                  .initializer()
                  .centroidsPerChannel(
                      weights,
                      variable.shape(),
                      DataFormat.CHANNELS_LAST,
                      k,
                      options.preserveSparsity())
              : List.of(options.initializer().centroids(weights, k, options.preserveSparsity()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name() + ": " + e.getMessage(), e);
    }
    double[] flat = new double[all.size() * k]; // of zeros alone there is one: the rest are 0 too
    for (int c = 0; c < all.size(); c++) {
      double[] some = all.get(c).values();
      System.arraycopy(some, 0, flat, c * k, some.length);
    }
    return flat;
  }

  /**
   * Writes the clustered values into the variable, so that it is a plain weight of at most k
   * different values. The network computes the same bits before and after; one that is built with
   * the variable itself and restored from a checkpoint of this session computes them too, and needs
   * no centroids.
   *
   * @param session of the graph
   */
  public void strip(Session session) {
    strip(List.of(this), session);
  }

  static void strip(List<? extends ClusteredWeight<?>> weights, Session session) {
    List<Op> strips = new ArrayList<>();
    for (ClusteredWeight<?> weight : weights) {
      strips.add(weight.strip);
    }
    run(session, strips);
  }

  private static void run(Session session, List<Op> targets) {
    if (!targets.isEmpty()) {
      Session.Runner runner = session.runner();
      targets.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  Operand<T> original() {
    return original;
  }
}
