/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * Replaces weights of a graph by clustered ones.
 *
 * <pre>{@code
 * ClusteredWeight<TFloat32> kernel =
 *     ClusterWeights.cluster(tf, variable, ClusterOptions.ofClusters(16));
 * Operand<TFloat32> y = tf.linalg.matMul(x, kernel.weight());
 * // .. train kernel.trainable() beside the rest, after kernel.start(session)
 * }</pre>
 *
 * @see <a href="https://github.com/tensorflow/model-optimization/pull/519">training with updated
 *     indices</a>. There a forward pass assigns indices and the zero centroid; here it assigns
 *     nothing: both follow from the variables
 */
public final class ClusterWeights {
  private ClusterWeights() {}

  /**
   * Clusters a weight. The network computes with {@link ClusteredWeight#weight()} in place of the
   * variable; before the first run, and after the weights have their values, {@link
   * ClusteredWeight#start} gives the centroids theirs.
   *
   * <p>Adds variables at the root of the graph: {@code <name>-centroids}, with sparsity
   * preservation {@code <name>-mask} and {@code <name>-zero}, of frozen clusters {@code
   * <name>-indices}; a slash in the name becomes a hyphen, as slot optimizers refuse it. Savers
   * save them.
   *
   * <p>Gradient: see {@link ClusteredWeight#weight()}. Cost of a run: O(weights · log k) time, at
   * most 20 bytes a weight in float32; never the {@code [weights, k]} matrix.
   *
   * @param tf builds the ops
   * @param variable what {@code tf.variable} returned, of a known shape
   * @param options how it is clustered
   * @param <T> float32 or float64
   * @return what the network computes with
   * @throws IllegalArgumentException if the variable is none, or of another graph, or not of
   *     floats; if there are less than 2 clusters (3 with sparsity preservation), or not more
   *     weights, or weights of a channel, than clusters; if it is clustered per channel and has
   *     none
   */
  public static <T extends TFloating> ClusteredWeight<T> cluster(
      Ops tf, Operand<T> variable, ClusterOptions options) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(options, "options");
    checkVariable(tf, variable);
    checkClusters(variable, options);
    reasonToSkip(variable, options)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException(name(variable) + " " + reason);
            });
    return new ClusteredWeight<>(tf, variable, options);
  }

  /**
   * Clusters those of many variables that a plan selects. What has too few weights, or no channels
   * to cluster by, is skipped, with a reason.
   *
   * @param tf builds the ops
   * @param variables what {@code tf.variable} returned, of known shapes; each once
   * @param plan selects some, and says how they are clustered
   * @return operands for all of them
   * @throws IllegalArgumentException if a variable is none, or of another graph, or twice in the
   *     list; if a selected one is not of floats, or is to have less than 2 clusters (3 with
   *     sparsity preservation); if a rule of the plan matches none
   */
  public static ClusteredWeights clusterAll(
      Ops tf, List<? extends Operand<?>> variables, ClusterPlan plan) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(plan, "plan");
    plan.checkEachRuleMatches(variables);
    PlannedClustering clustering = new PlannedClustering(plan);
    variables.forEach(variable -> clustering.add(tf, variable));
    return clustering.finish();
  }

  @SuppressWarnings("unchecked")
  static ClusteredWeight<?> clusterFloating(Ops tf, Operand<?> variable, ClusterOptions options) {
    return new ClusteredWeight<>(tf, (Operand<TFloat32>) variable, options);
  }

  static String name(Operand<?> variable) {
    return variable.op().name();
  }

  static void checkIsVariable(Ops tf, Operand<?> variable) {
    Objects.requireNonNull(variable, "variable");
    if (!variable.op().type().equals("VariableV2")) {
      throw new IllegalArgumentException(
          name(variable) + " must be what tf.variable returned, got " + variable.op().type());
    }
    if (variable.env() != tf.scope().env()) {
      throw new IllegalArgumentException(
          name(variable) + " must be a variable of the graph that tf builds, got another graph's");
    }
  }

  static void checkVariable(Ops tf, Operand<?> variable) {
    checkIsVariable(tf, variable);
    Class<?> type = variable.type();
    if (!type.equals(TFloat32.class) && !type.equals(TFloat64.class)) {
      throw new IllegalArgumentException(
          name(variable) + " must be float32 or float64, got " + type.getSimpleName());
    }
    if (variable.shape().hasUnknownDimension()) {
      throw new IllegalArgumentException(
          name(variable) + " must have a known shape, got " + variable.shape());
    }
  }

  static void checkClusters(Operand<?> variable, ClusterOptions options) {
    int least = options.preserveSparsity() ? 3 : 2;
    if (options.clusters() < least) {
      throw new IllegalArgumentException(
          "clusters of "
              + name(variable)
              + " must be at least "
              + least
              + (options.preserveSparsity() ? " with sparsity preservation" : "")
              + ", got "
              + options.clusters());
    }
  }

  static Optional<String> reasonToSkip(Operand<?> variable, ClusterOptions options) {
    Shape shape = variable.shape();
    if (options.perChannel() && shape.numDimensions() < 2) {
      return Optional.of("must have channels, that is rank 2 or more, got shape " + shape);
    }
    if (!options.hasEnoughWeights(shape)) {
      return Optional.of(
          "must have more weights"
              + (options.perChannel() ? " in a channel" : "")
              + " than the "
              + options.clusters()
              + " clusters, got "
              + options.weightsPerCodebook(shape));
    }
    return Optional.empty();
  }
}
