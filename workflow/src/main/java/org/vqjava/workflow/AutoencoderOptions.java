/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/**
 * What is trained, and how. The defaults are those that train well on the digits.
 *
 * @param codes K, how many codes
 * @param width D, how many numbers a code has
 * @param splits S, how many pieces a latent vector of S·D numbers is cut into
 * @param norm measures the look-up and its losses
 * @param mode how nearest codes are compared under L2
 * @param start how the codebook gets its first values
 * @param alpha weight of the α-loss, which moves the chosen codes
 * @param beta weight of the β-loss, which moves all codes
 * @param gamma weight of the Coulomb loss, which pushes codes apart
 * @param commitment weight of the commitment loss, which holds the encoder near its codes
 * @param replaced R, how many unused codes one replacement replaces at most; 0 for none
 * @param replaceEvery after how many steps unused codes are replaced
 * @param epochs how often each image is seen
 * @param batch how many images a step takes
 * @param rate learning rate of Adam
 * @param seed chooses weights, codes and the order of the images
 */
public record AutoencoderOptions(
    int codes,
    int width,
    int splits,
    Norm norm,
    SearchMode mode,
    CodebookStart start,
    double alpha,
    double beta,
    double gamma,
    double commitment,
    int replaced,
    int replaceEvery,
    int epochs,
    int batch,
    double rate,
    long seed) {

  /**
   * Checks the options; the layer's own are checked by the layer.
   *
   * @param codes K, at least 1
   * @param width D, at least 1
   * @param splits S, at least 1
   * @param norm measures the look-up
   * @param mode how nearest codes are compared
   * @param start how the codebook starts
   * @param alpha weight of the α-loss, finite
   * @param beta weight of the β-loss, finite
   * @param gamma weight of the Coulomb loss, finite
   * @param commitment weight of the commitment loss, finite
   * @param replaced R, from 0 to K
   * @param replaceEvery at least 1
   * @param epochs at least 1
   * @param batch at least 1
   * @param rate positive and finite
   * @param seed any number
   * @throws IllegalArgumentException if a number is out of range
   */
  public AutoencoderOptions {
    atLeast("codes", 1, codes);
    atLeast("width", 1, width);
    atLeast("splits", 1, splits);
    Objects.requireNonNull(norm, "norm");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(start, "start");
    finite("alpha", alpha);
    finite("beta", beta);
    finite("gamma", gamma);
    finite("commitment", commitment);
    atLeast("replace", 0, replaced);
    if (replaced > codes) {
      throw new IllegalArgumentException(
          "replace must be at most the number of codes " + codes + ", got " + replaced);
    }
    atLeast("replace-every", 1, replaceEvery);
    atLeast("epochs", 1, epochs);
    atLeast("batch", 1, batch);
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("rate must be positive and finite, got " + rate);
    }
  }

  /**
   * 64 codes of width 16, 30 epochs. A commitment loss and a start without duplicates make the
   * original's losses train well, a replacement every 7 steps keeps all codes in use (measured, see
   * the guide).
   *
   * @return the defaults
   */
  public static AutoencoderOptions defaults() {
    return new AutoencoderOptions(
        64,
        16,
        1,
        Norm.L2,
        SearchMode.FAST,
        CodebookStart.K_MEANS_PLUS_PLUS,
        1,
        0,
        0,
        1,
        16,
        7,
        30,
        64,
        1e-3,
        1);
  }

  VqOptions layer() {
    return VqOptions.defaults()
        .withAlpha(alpha)
        .withBeta(beta)
        .withGamma(gamma)
        .withCommitment(commitment)
        .withNorm(norm)
        .withMode(mode)
        .withSplits(splits)
        .withReplaced(replaced)
        .withReplacementPolicy(ReplacementPolicy.UNUSED_CODES);
  }

  /**
   * The options by their names on the command line.
   *
   * @return name → number or word, as the command line takes them, in its order
   */
  public Map<String, Object> byName() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("codes", codes);
    named.put("width", width);
    named.put("splits", splits);
    named.put("order", norm.order());
    named.put("search", mode.name().toLowerCase(Locale.ROOT));
    named.put("init", start.label());
    named.put("alpha", alpha);
    named.put("beta", beta);
    named.put("gamma", gamma);
    named.put("commitment", commitment);
    named.put("replace", replaced);
    named.put("replace-every", replaceEvery);
    named.put("epochs", epochs);
    named.put("batch", batch);
    named.put("rate", rate);
    named.put("seed", seed);
    return named;
  }

  private static void atLeast(String name, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
    }
  }

  private static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, got " + value);
    }
  }
}
