/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.vqjava.ops.AccessCount;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Norm;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.SegmentSums;
import org.vqjava.ops.SpreadVectors;

/**
 * Finds k centroids for blocks by expectation and maximization, that is k-means: each block is
 * assigned to the nearest centroid (E), each centroid becomes the mean of its blocks (M).
 *
 * <p>A cluster that gets no block takes the place of the one with most blocks, plus noise, which
 * moves the opposite way; then all is assigned again. After {@link EmOptions#maxTentatives} splits
 * in a step the algorithm gives up: clusters that are empty then stay so, it goes on without
 * further splits, and the steps tell how many are empty. Equal blocks are the usual reason.
 *
 * <p>Sums are in float64: the error of a mean does not grow with the number of blocks.
 *
 * <p>Cost of a step: O(n · k · width) time as one multiplication of matrices by blocks of rows;
 * memory of the blocks once more, and never a {@code [k, n, width]} tensor. Runs in a TensorFlow
 * session of its own; not safe for several threads.
 *
 * <pre>{@code
 * EmResult found = EM.fit(blocks, 8, EmOptions.ofCentroids(256), EmDraws.seeded(1), step -> {});
 * }</pre>
 *
 * @see <a
 *     href="https://github.com/facebookresearch/fairseq/tree/main/fairseq/modules/quantization/pq">
 *     fairseq's EM</a>; {@link EmOptions#original} names what differs
 */
public final class EM implements AutoCloseable {
  private static final double AUTOMATIC_NOISE = 0.01;

  private final EmOptions options;
  private final int width;
  private final int count;
  private final double noise;
  private final Graph graph;
  private final Session session;
  private final TFloat32 blocks;
  private final Placeholder<TFloat32> fedBlocks;
  private final Placeholder<TFloat32> fedCentroids;
  private final Operand<TInt32> nearest;
  private final Operand<TInt64> sizes;
  private final Operand<TFloat32> means;
  private final Operand<TFloat64> objective;

  private float[] centroids = {};
  private int[] assignments = {};
  private int taken;
  private boolean splits = true;

  /**
   * Prepares a run; {@link #start} or {@link #initialize} comes next.
   *
   * @param blocks {@code [n, width]}, row-major, finite
   * @param width numbers in a block
   * @param options how it runs
   * @throws IllegalArgumentException if there is no block, or part of one, or a number that is not
   *     finite
   */
  public EM(float[] blocks, int width, EmOptions options) {
    this(blocks, width, null, options);
  }

  /**
   * Prepares a run with blocks of different importance.
   *
   * @param blocks {@code [n, width]}, row-major, finite
   * @param width numbers in a block
   * @param importance of each block, {@code [n]}, at least 0: its weight in means and objective
   * @param options how it runs
   * @throws IllegalArgumentException if there is no block, or part of one, or a number that is not
   *     finite; if the importances are not as many as the blocks, or below 0
   */
  public EM(float[] blocks, int width, float @Nullable [] importance, EmOptions options) {
    this.options = Objects.requireNonNull(options, "options");
    this.width = width;
    EmInput.checkBlocks(blocks, width);
    this.count = blocks.length / width;
    if (importance != null) {
      EmInput.checkImportance(importance, count);
    }
    this.noise =
        options.splitNoise().orElseGet(() -> AUTOMATIC_NOISE * EmInput.rootMeanSquare(blocks));
    Scopes.requireAsciiDigits();
    graph = new Graph();
    Ops tf = Ops.create(graph);
    fedBlocks = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(count, width)));
    fedCentroids =
        tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(options.centroids(), width)));
    nearest = NearestCode.indices(tf, fedBlocks, fedCentroids, Norm.L2, options.mode());
    sizes = AccessCount.of(tf, nearest, options.centroids());
    Operand<TFloat32> shares =
        importance == null
            ? null
            : tf.reshape(tf.constant(importance.clone()), tf.constant(new int[] {count, 1}));
    means = means(tf, shares);
    Operand<TFloat32> squares =
        tf.math.squaredDifference(tf.gather(means, nearest, tf.constant(0)), fedBlocks);
    Operand<TFloat32> weighted = shares == null ? squares : tf.math.mul(squares, shares);
    Operand<TFloat64> ofBlocks = tf.dtypes.cast(tf.sum(weighted, tf.constant(1)), TFloat64.class);
    objective = tf.math.sqrt(tf.sum(ofBlocks, tf.constant(0)));
    session = new Session(graph);
    this.blocks = TFloat32.tensorOf(Shape.of(count, width), DataBuffers.of(blocks));
  }

  /** A centroid without blocks, or with blocks of no importance, stays where it is. */
  private Operand<TFloat32> means(Ops tf, @Nullable Operand<TFloat32> shares) {
    int k = options.centroids();
    Operand<TFloat32> weighted = shares == null ? fedBlocks : tf.math.mul(fedBlocks, shares);
    Operand<TFloat64> sums = SegmentSums.of(tf, weighted, nearest, k);
    Operand<TFloat64> totals =
        shares == null
            ? tf.reshape(tf.dtypes.cast(sizes, TFloat64.class), tf.constant(new int[] {k, 1}))
            : SegmentSums.of(tf, shares, nearest, k);
    return tf.select(
        tf.math.greater(totals, tf.zerosLike(totals)),
        tf.dtypes.cast(tf.math.div(sums, totals), TFloat32.class),
        fedCentroids);
  }

  /**
   * Runs the whole algorithm.
   *
   * @param blocks {@code [n, width]}, row-major, finite
   * @param width numbers in a block
   * @param options how it runs
   * @param draws what is random
   * @param listener hears of each step
   * @return centroids and assignments
   * @throws IllegalArgumentException as the constructor; if k-means++ is to choose more centroids
   *     than there are blocks
   */
  public static EmResult fit(
      float[] blocks, int width, EmOptions options, EmDraws draws, Consumer<EmStep> listener) {
    try (EM em = new EM(blocks, width, options)) {
      em.initialize(draws);
      return em.run(draws, listener);
    }
  }

  /**
   * Runs from the centroids as they are to the end.
   *
   * @param draws what is random
   * @param listener hears of each step
   * @return centroids and assignments
   */
  public EmResult run(EmDraws draws, Consumer<EmStep> listener) {
    List<EmStep> steps = new ArrayList<>();
    double before = Double.POSITIVE_INFINITY;
    for (int i = 0; i < options.iterations(); i++) {
      EmStep step = step(draws);
      steps.add(step);
      listener.accept(step);
      boolean gaveUpForGood = step.gaveUp() && options.originalTentatives();
      boolean settled =
          options.tolerance() > 0
              && step.splits() == 0
              && before - step.objective() <= options.tolerance() * step.objective();
      if (gaveUpForGood || settled) {
        break;
      }
      before = step.objective();
    }
    if (options.finalAssignment()) {
      assign();
    }
    return new EmResult(centroids(), assignments(), steps);
  }

  /**
   * Sets the centroids as the options have it: to blocks that are drawn, or far from each other.
   *
   * @param draws chooses blocks for a random start
   * @throws IllegalArgumentException if k-means++ is to choose more centroids than there are blocks
   */
  public void initialize(EmDraws draws) {
    if (options.start() == EmOptions.Start.K_MEANS_PLUS_PLUS) {
      if (options.centroids() > count) {
        throw new IllegalArgumentException(
            "centroids must be at most the " + count + " blocks, got " + options.centroids());
      }
      Ops tf = Ops.create(graph);
      Operand<TFloat32> farApart =
          SpreadVectors.of(tf, fedBlocks, options.centroids(), options.seed());
      try (Result result = session.runner().feed(fedBlocks, blocks).fetch(farApart).run()) {
        start(floats(result.get(0)));
      }
      return;
    }
    int[] chosen = draws.initial(options.centroids(), count);
    float[] all = floats(blocks);
    float[] starting = new float[options.centroids() * width];
    for (int k = 0; k < options.centroids(); k++) {
      System.arraycopy(all, chosen[k] * width, starting, k * width, width);
    }
    start(starting);
  }

  /**
   * Sets the centroids.
   *
   * @param values {@code [k, width]}, row-major
   * @throws IllegalArgumentException if they are not as many
   */
  public void start(float[] values) {
    if (values.length != options.centroids() * width) {
      throw new IllegalArgumentException(
          "centroids must have "
              + options.centroids()
              + " x "
              + width
              + " numbers, got "
              + values.length);
    }
    centroids = values.clone();
    taken = 0;
    splits = true;
  }

  /** What an E-step and the means after it come to; nothing of it is taken yet. */
  @SuppressWarnings("ArrayRecordComponent") // of one step, never compared
  private record Pass(int[] assignments, long[] sizes, float[] means, double objective) {
    int[] empty() {
      return IntStream.range(0, sizes.length).filter(k -> sizes[k] == 0).toArray();
    }
  }

  /**
   * Takes a step: assigns, fills empty clusters, moves the centroids.
   *
   * @param draws what is random
   * @return what it came to
   * @throws IllegalStateException if the centroids have not been set
   */
  public EmStep step(EmDraws draws) {
    Pass pass = pass();
    int tried = 0;
    boolean gaveUp = false;
    while (pass.empty().length > 0 && !gaveUp) {
      if (!splits || (!options.originalTentatives() && tried == options.maxTentatives())) {
        gaveUp = true;
      } else {
        split(pass, draws);
        pass = pass();
        // The original looks at the number of tries after the split, whatever that achieved.
        gaveUp = options.originalTentatives() && tried == options.maxTentatives();
        tried++;
      }
    }
    splits = splits && !gaveUp;
    assignments = pass.assignments();
    taken++;
    if (gaveUp && options.originalTentatives()) {
      return new EmStep(taken, Double.NaN, tried, pass.empty().length, true);
    }
    centroids = pass.means();
    return new EmStep(taken, pass.objective(), tried, pass.empty().length, gaveUp);
  }

  private Pass pass() {
    try (TFloat32 fed = centroidTensor();
        Result result =
            session
                .runner()
                .feed(fedBlocks, blocks)
                .feed(fedCentroids, fed)
                .fetch(nearest)
                .fetch(sizes)
                .fetch(means)
                .fetch(objective)
                .run()) {
      long[] counts = new long[options.centroids()];
      ((TInt64) result.get(1)).asRawTensor().data().asLongs().read(counts);
      return new Pass(
          ints(result.get(0)),
          counts,
          floats(result.get(2)),
          ((TFloat64) result.get(3)).getDouble());
    }
  }

  /** An empty cluster takes half of the largest one, as far as noise can divide it. */
  private void split(Pass pass, EmDraws draws) {
    int into = draws.emptyCluster(pass.empty());
    int largest = largest(pass);
    double[] random = draws.noise(width);
    for (int d = 0; d < width; d++) {
      float e = (float) (noise * random[d]);
      float c = centroids[largest * width + d];
      centroids[into * width + d] = c + e;
      centroids[largest * width + d] = c - e;
    }
  }

  /**
   * Of equally large clusters the one that comes first among the assignments, as the original's.
   */
  private static int largest(Pass pass) {
    long most = Arrays.stream(pass.sizes()).max().orElseThrow();
    for (int assignment : pass.assignments()) {
      if (pass.sizes()[assignment] == most) {
        return assignment;
      }
    }
    throw new AssertionError("some block is assigned");
  }

  /**
   * Assigns each block to the nearest centroid as they are.
   *
   * @return the assignments, {@code [n]}
   * @throws IllegalStateException if the centroids have not been set
   */
  public int[] assign() {
    try (TFloat32 fed = centroidTensor();
        Result result =
            session.runner().feed(fedBlocks, blocks).feed(fedCentroids, fed).fetch(nearest).run()) {
      assignments = ints(result.get(0));
      return assignments();
    }
  }

  /**
   * The centroids as they are.
   *
   * @return {@code [k, width]}, row-major; a copy
   */
  public float[] centroids() {
    return centroids.clone();
  }

  /**
   * The assignments of the last step, or of {@link #assign}.
   *
   * @return {@code [n]}; a copy
   */
  public int[] assignments() {
    return assignments.clone();
  }

  private TFloat32 centroidTensor() {
    if (centroids.length == 0) {
      throw new IllegalStateException("start or initialize must set the centroids first");
    }
    return TFloat32.tensorOf(Shape.of(options.centroids(), width), DataBuffers.of(centroids));
  }

  @Override
  public void close() {
    blocks.close();
    session.close();
    graph.close();
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }

  private static int[] ints(Tensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asInts().read(values);
    return values;
  }
}
