/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/**
 * How a vector-quantization layer looks up, what it is trained by, and what it replaces.
 *
 * <pre>{@code
 * VqOptions.defaults().withBeta(0).withCommitment(1).withSplits(2)
 * }</pre>
 *
 * @param alpha weight of the α-loss, which moves the chosen codes to their inputs
 * @param beta weight of the β-loss, which moves all codes towards all inputs
 * @param gamma weight of the Coulomb loss, which pushes each code away from the closest other one
 * @param commitment weight of the commitment loss, which holds the inputs near their codes
 * @param norm measures the look-up, the α- and β-loss and the spacing
 * @param mode how nearest codes are compared under L2
 * @param splits S, how many pieces the last axis is cut into; all share the codebook
 * @param replaced R, how many codes one replacement replaces at most; 0 keeps no state for it
 * @param replacementPolicy which codes a replacement may replace
 * @param reduction to fewer dimensions for the look-up and the β-loss, if there is one
 */
public record VqOptions(
    LossWeight alpha,
    LossWeight beta,
    LossWeight gamma,
    LossWeight commitment,
    Norm norm,
    SearchMode mode,
    int splits,
    int replaced,
    ReplacementPolicy replacementPolicy,
    Optional<PcaReduction> reduction) {

  private static final VqOptions DEFAULTS =
      new VqOptions(
          new LossWeight.Constant(0.1),
          new LossWeight.Constant(1e-4),
          new LossWeight.Constant(1e-6),
          new LossWeight.Constant(0),
          Norm.L2,
          SearchMode.FAST,
          1,
          0,
          ReplacementPolicy.COLLECTED_INPUTS,
          Optional.empty());

  /**
   * Checks the options.
   *
   * @param alpha weight of the α-loss
   * @param beta weight of the β-loss
   * @param gamma weight of the Coulomb loss
   * @param commitment weight of the commitment loss
   * @param norm measures distances
   * @param mode how nearest codes are compared
   * @param splits S, at least 1
   * @param replaced R, at least 0
   * @param replacementPolicy which codes a replacement may replace
   * @param reduction to fewer dimensions, if there is one
   * @throws IllegalArgumentException if a number is out of range
   */
  public VqOptions {
    Objects.requireNonNull(alpha, "alpha");
    Objects.requireNonNull(beta, "beta");
    Objects.requireNonNull(gamma, "gamma");
    Objects.requireNonNull(commitment, "commitment");
    Objects.requireNonNull(norm, "norm");
    Objects.requireNonNull(mode, "mode");
    Check.atLeast("splits", 1, splits);
    Check.atLeast("replaced", 0, replaced);
    Objects.requireNonNull(replacementPolicy, "replacementPolicy");
    Objects.requireNonNull(reduction, "reduction");
  }

  /**
   * The original's defaults: α 0.1, β 1e-4, γ 1e-6, no commitment loss, L2, one split, no
   * replacement; FAST look-up.
   *
   * @return the defaults
   */
  public static VqOptions defaults() {
    return DEFAULTS;
  }

  /**
   * The same with another weight of the α-loss.
   *
   * @param value a finite number; 0 leaves the loss out
   * @return new options
   * @throws IllegalArgumentException if it is not finite
   */
  public VqOptions withAlpha(double value) {
    return withAlpha(new LossWeight.Constant(value));
  }

  /**
   * The same with another weight of the α-loss.
   *
   * @param value a scalar of the graph, a schedule say
   * @return new options
   * @throws IllegalArgumentException if it is no scalar
   */
  public VqOptions withAlpha(Operand<? extends TFloating> value) {
    return withAlpha(new LossWeight.Tensor(value));
  }

  private VqOptions withAlpha(LossWeight value) {
    return new VqOptions(
        value, beta, gamma, commitment, norm, mode, splits, replaced, replacementPolicy, reduction);
  }

  /**
   * The same with another weight of the β-loss.
   *
   * @param value a finite number; 0 leaves the loss out
   * @return new options
   * @throws IllegalArgumentException if it is not finite
   */
  public VqOptions withBeta(double value) {
    return withBeta(new LossWeight.Constant(value));
  }

  /**
   * The same with another weight of the β-loss.
   *
   * @param value a scalar of the graph, a schedule say
   * @return new options
   * @throws IllegalArgumentException if it is no scalar
   */
  public VqOptions withBeta(Operand<? extends TFloating> value) {
    return withBeta(new LossWeight.Tensor(value));
  }

  private VqOptions withBeta(LossWeight value) {
    return new VqOptions(
        alpha,
        value,
        gamma,
        commitment,
        norm,
        mode,
        splits,
        replaced,
        replacementPolicy,
        reduction);
  }

  /**
   * The same with another weight of the Coulomb loss.
   *
   * @param value a finite number; 0 leaves the loss out
   * @return new options
   * @throws IllegalArgumentException if it is not finite
   */
  public VqOptions withGamma(double value) {
    return withGamma(new LossWeight.Constant(value));
  }

  /**
   * The same with another weight of the Coulomb loss.
   *
   * @param value a scalar of the graph, a schedule say
   * @return new options
   * @throws IllegalArgumentException if it is no scalar
   */
  public VqOptions withGamma(Operand<? extends TFloating> value) {
    return withGamma(new LossWeight.Tensor(value));
  }

  private VqOptions withGamma(LossWeight value) {
    return new VqOptions(
        alpha, beta, value, commitment, norm, mode, splits, replaced, replacementPolicy, reduction);
  }

  /**
   * The same with another weight of the commitment loss.
   *
   * @param value a finite number; 0 leaves the loss out
   * @return new options
   * @throws IllegalArgumentException if it is not finite
   */
  public VqOptions withCommitment(double value) {
    return withCommitment(new LossWeight.Constant(value));
  }

  /**
   * The same with another weight of the commitment loss.
   *
   * @param value a scalar of the graph, a schedule say
   * @return new options
   * @throws IllegalArgumentException if it is no scalar
   */
  public VqOptions withCommitment(Operand<? extends TFloating> value) {
    return withCommitment(new LossWeight.Tensor(value));
  }

  private VqOptions withCommitment(LossWeight value) {
    return new VqOptions(
        alpha, beta, gamma, value, norm, mode, splits, replaced, replacementPolicy, reduction);
  }

  /**
   * The same with another norm.
   *
   * @param value measures the look-up, the losses and the spacing
   * @return new options
   */
  public VqOptions withNorm(Norm value) {
    return new VqOptions(
        alpha,
        beta,
        gamma,
        commitment,
        value,
        mode,
        splits,
        replaced,
        replacementPolicy,
        reduction);
  }

  /**
   * The same with another search mode.
   *
   * @param value how nearest codes are compared under L2
   * @return new options
   */
  public VqOptions withMode(SearchMode value) {
    return new VqOptions(
        alpha,
        beta,
        gamma,
        commitment,
        norm,
        value,
        splits,
        replaced,
        replacementPolicy,
        reduction);
  }

  /**
   * The same with another number of splits.
   *
   * @param value S, at least 1
   * @return new options
   * @throws IllegalArgumentException if it is out of range
   */
  public VqOptions withSplits(int value) {
    return new VqOptions(
        alpha, beta, gamma, commitment, norm, mode, value, replaced, replacementPolicy, reduction);
  }

  /**
   * The same with another number of replaced codes.
   *
   * @param value R, at least 0 and at most K
   * @return new options
   * @throws IllegalArgumentException if it is out of range
   */
  public VqOptions withReplaced(int value) {
    return new VqOptions(
        alpha, beta, gamma, commitment, norm, mode, splits, value, replacementPolicy, reduction);
  }

  /**
   * The same with another replacement policy.
   *
   * @param value which codes a replacement may replace
   * @return new options
   */
  public VqOptions withReplacementPolicy(ReplacementPolicy value) {
    return new VqOptions(
        alpha, beta, gamma, commitment, norm, mode, splits, replaced, value, reduction);
  }

  /**
   * The same with a look-up in fewer dimensions.
   *
   * @param value which, and how many
   * @return new options
   */
  public VqOptions withReduction(PcaReduction value) {
    return new VqOptions(
        alpha,
        beta,
        gamma,
        commitment,
        norm,
        mode,
        splits,
        replaced,
        replacementPolicy,
        Optional.of(value));
  }
}
