/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.tensorflow.Operand;

/**
 * Which of many variables are clustered, and how. Of the rules that match a variable the last one
 * holds.
 *
 * <pre>{@code
 * ClusterPlan.ofKernels(ClusterOptions.ofClusters(16))
 *     .with("embedding.*", ClusterOptions.ofClusters(64))
 *     .without("logits-kernel")
 * }</pre>
 *
 * @param rules in their order
 */
public record ClusterPlan(List<Rule> rules) {

  /**
   * The names that layers give to what the original clusters: kernels, recurrent kernels, the
   * pointwise kernel of a separable convolution, embeddings, the projections of an attention (whose
   * names end in kernel too). Not the depthwise kernel, which has few weights for each channel; not
   * biases, nor what normalizes.
   */
  private static final Pattern KERNEL =
      Pattern.compile(
          "(.*[/._-])?(?<!depthwise_)(recurrent_kernel|pointwise_kernel|kernel|embeddings?)"
              + "([/_]\\d+)?(:0)?");

  /**
   * Some variables, and how they are clustered.
   *
   * @param matches tells which
   * @param about what is matched, for messages
   * @param options how they are clustered; not at all if empty
   */
  public record Rule(
      Predicate<Operand<?>> matches, String about, Optional<ClusterOptions> options) {
    /**
     * A rule.
     *
     * @param matches tells which variables
     * @param about what is matched, for messages
     * @param options how they are clustered; not at all if empty
     */
    public Rule {
      Objects.requireNonNull(matches, "matches");
      Objects.requireNonNull(about, "about");
      Objects.requireNonNull(options, "options");
    }
  }

  /**
   * Copies the rules.
   *
   * @param rules in their order
   */
  public ClusterPlan {
    rules = List.copyOf(rules);
  }

  /**
   * Clusters kernels and embeddings, known by the last part of their name: {@code kernel}, {@code
   * recurrent_kernel}, {@code pointwise_kernel}, {@code embedding(s)}, after nothing or one of
   * {@code / . _ -}, before nothing or a number. So biases, normalization and depthwise kernels are
   * left alone, as in the original.
   *
   * @param options how they are clustered
   * @return the plan
   */
  public static ClusterPlan ofKernels(ClusterOptions options) {
    return new ClusterPlan(List.of())
        .with(
            variable -> KERNEL.matcher(ClusterWeights.name(variable)).matches(),
            "kernels and embeddings",
            options);
  }

  /**
   * Clusters what a regular expression matches as a whole.
   *
   * @param regex of the name
   * @param options how they are clustered
   * @return the plan
   */
  public static ClusterPlan of(String regex, ClusterOptions options) {
    return new ClusterPlan(List.of()).with(regex, options);
  }

  /**
   * The same, and what a regular expression matches as a whole.
   *
   * @param regex of the name
   * @param options how they are clustered
   * @return a new plan
   */
  public ClusterPlan with(String regex, ClusterOptions options) {
    return with(named(regex), regex, options);
  }

  /**
   * The same, and what a predicate accepts.
   *
   * @param matches tells which variables
   * @param about what is matched, for messages
   * @param options how they are clustered
   * @return a new plan
   */
  public ClusterPlan with(Predicate<Operand<?>> matches, String about, ClusterOptions options) {
    return and(new Rule(matches, about, Optional.of(options)));
  }

  /**
   * The same without what a regular expression matches as a whole.
   *
   * @param regex of the name
   * @return a new plan
   */
  public ClusterPlan without(String regex) {
    return and(new Rule(named(regex), regex, Optional.empty()));
  }

  Optional<ClusterOptions> optionsFor(Operand<?> variable) {
    Optional<ClusterOptions> options = Optional.empty();
    for (Rule rule : rules) {
      if (rule.matches().test(variable)) {
        options = rule.options();
      }
    }
    return options;
  }

  /** A rule that matches nothing is a name that was typed wrongly. */
  void checkEachRuleMatches(List<? extends Operand<?>> variables) {
    for (Rule rule : rules) {
      if (variables.stream().noneMatch(rule.matches())) {
        throw new IllegalArgumentException(
            "a rule must match a variable, got "
                + rule.about()
                + " for "
                + variables.stream().map(ClusterWeights::name).toList());
      }
    }
  }

  private ClusterPlan and(Rule rule) {
    List<Rule> more = new ArrayList<>(rules);
    more.add(rule);
    return new ClusterPlan(more);
  }

  private static Predicate<Operand<?>> named(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return variable -> pattern.matcher(ClusterWeights.name(variable)).matches();
  }
}
