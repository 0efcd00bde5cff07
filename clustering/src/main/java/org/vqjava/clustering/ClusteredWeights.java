/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The variables of a network, some of them clustered.
 *
 * <pre>{@code
 * ClusteredWeights weights = ClusterWeights.clusterAll(tf, variables, plan);
 * Operand<TFloat32> y = tf.linalg.matMul(x, weights.weight(tf, kernel));
 * // .. Training.minimize(tf, loss, weights.trainable(), optimizer)
 * weights.start(session);
 * }</pre>
 */
public final class ClusteredWeights {
  private final List<Operand<?>> variables;
  private final List<ClusteredWeight<?>> clustered;
  private final List<ClusteringReport.Skipped> skipped;

  ClusteredWeights(
      List<? extends Operand<?>> variables,
      List<ClusteredWeight<?>> clustered,
      List<ClusteringReport.Skipped> skipped) {
    this.variables = List.copyOf(variables);
    this.clustered = List.copyOf(clustered);
    this.skipped = List.copyOf(skipped);
  }

  /**
   * What the network computes with in place of a variable.
   *
   * @param tf builds the read of a variable that is not clustered
   * @param variable one of those that were given
   * @param <T> its type
   * @return the clustered weight, or the variable's value
   * @throws IllegalArgumentException if it is another variable
   */
  @SuppressWarnings("unchecked")
  public <T extends TType> Operand<T> weight(Ops tf, Operand<T> variable) {
    if (variables.stream().noneMatch(v -> v.asOutput().equals(variable.asOutput()))) {
      throw new IllegalArgumentException(
          "variable must be one of those given, got " + ClusterWeights.name(variable));
    }
    return of(variable)
        .map(found -> (Operand<T>) found.weight())
        .orElseGet(() -> tf.identity(variable));
  }

  private Optional<ClusteredWeight<?>> of(Operand<?> variable) {
    return clustered.stream()
        .filter(c -> c.variable().asOutput().equals(variable.asOutput()))
        .findFirst();
  }

  /**
   * Those that are clustered.
   *
   * @return in the order of the variables
   */
  public List<ClusteredWeight<?>> clustered() {
    return clustered;
  }

  /**
   * Those that the plan selected and that are not clustered.
   *
   * @return with reasons
   */
  public List<ClusteringReport.Skipped> skipped() {
    return skipped;
  }

  /**
   * What an optimizer is to move: the variables of floating numbers, but those of a frozen
   * association, and the centroids.
   *
   * @return variables
   */
  public List<Operand<? extends TFloating>> trainable() {
    List<Operand<? extends TFloating>> all = new ArrayList<>();
    for (Operand<?> variable : variables) {
      Optional<ClusteredWeight<?>> found = of(variable);
      if (found.isPresent()) {
        all.addAll(found.get().trainable());
      } else if (TFloating.class.isAssignableFrom(variable.type())) {
        all.add(floating(variable));
      }
    }
    return all;
  }

  @SuppressWarnings("unchecked")
  private static Operand<? extends TFloating> floating(Operand<?> variable) {
    return (Operand<? extends TFloating>) variable;
  }

  /**
   * {@linkplain ClusteredWeight#start Starts} each of them. Cost: at most five runs of the session,
   * however many there are.
   *
   * @param session of the graph
   * @throws IllegalArgumentException if a weight is NaN or infinite
   */
  public void start(Session session) {
    ClusteredWeight.start(clustered, session);
  }

  /**
   * {@linkplain ClusteredWeight#strip Strips} each of them: the variables hold the clustered values
   * as plain weights.
   *
   * @param session of the graph
   */
  public void strip(Session session) {
    ClusteredWeight.strip(clustered, session);
  }

  /**
   * What clustering came to, as the weights stand.
   *
   * @param session of the graph
   * @return the report
   */
  public ClusteringReport report(Session session) {
    return ClusteringReport.of(session, clustered, skipped);
  }
}
