/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * A plan that is applied to variables one by one, where they are not at hand all at once: a loaded
 * model hands them out while its graph is built.
 *
 * <pre>{@code
 * PlannedClustering clustering =
 *     new PlannedClustering(ClusterPlan.ofKernels(ClusterOptions.ofClusters(16)));
 * FlatModel rewritten = flat.rewriteVariables(".*", clustering::weight);
 * try (TrainableModel model = rewritten.load()) {
 *   ClusteredWeights weights = clustering.finish();
 *   weights.start(model.session());
 * }
 * }</pre>
 *
 * @see ClusterWeights#clusterAll for variables that are at hand
 */
public final class PlannedClustering {
  private final ClusterPlan plan;
  private final List<Operand<?>> variables = new ArrayList<>();
  private final Set<Output<?>> seen = new HashSet<>();
  private final List<ClusteredWeight<?>> clustered = new ArrayList<>();
  private final List<ClusteringReport.Skipped> skipped = new ArrayList<>();

  /**
   * Begins without variables.
   *
   * @param plan selects some, and says how they are clustered
   */
  public PlannedClustering(ClusterPlan plan) {
    this.plan = Objects.requireNonNull(plan, "plan");
  }

  /**
   * What the network computes with in place of a variable: clustered, if the plan selects it and it
   * has enough weights, else its value.
   *
   * @param tf builds the ops
   * @param variable what {@code tf.variable} returned, of a known shape, not given before
   * @param <T> float32 or float64
   * @return its weight
   * @throws IllegalArgumentException as {@link ClusterWeights#clusterAll}
   */
  public <T extends TFloating> Operand<T> weight(Ops tf, Operand<T> variable) {
    add(tf, variable);
    return new ClusteredWeights(variables, clustered, skipped).weight(tf, variable);
  }

  void add(Ops tf, Operand<?> variable) {
    ClusterWeights.checkIsVariable(tf, variable);
    if (!seen.add(variable.asOutput())) {
      throw new IllegalArgumentException(
          "variables must be distinct, got " + ClusterWeights.name(variable) + " twice");
    }
    variables.add(variable);
    Optional<ClusterOptions> options = plan.optionsFor(variable);
    if (options.isEmpty()) {
      return;
    }
    ClusterWeights.checkVariable(tf, variable);
    ClusterWeights.checkClusters(variable, options.get());
    Optional<String> reason = ClusterWeights.reasonToSkip(variable, options.get());
    if (reason.isPresent()) {
      skipped.add(new ClusteringReport.Skipped(ClusterWeights.name(variable), reason.get()));
    } else {
      clustered.add(ClusterWeights.clusterFloating(tf, variable, options.get()));
    }
  }

  /**
   * All of them.
   *
   * @return operands for all variables that were given
   * @throws IllegalArgumentException if a rule of the plan matches none
   */
  public ClusteredWeights finish() {
    plan.checkEachRuleMatches(variables);
    return new ClusteredWeights(variables, clustered, skipped);
  }
}
