/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.vqjava.layers.CosineVqOptions;
import org.vqjava.layers.PcaReduction;
import org.vqjava.layers.ReplacementPolicy;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.SearchMode;

/**
 * What is trained, and how. The defaults are those that train well on the digits.
 *
 * <pre>{@code
 * AutoencoderOptions.defaults().toBuilder().codes(256).epochs(5).build()
 * }</pre>
 *
 * @param codes K, how many codes
 * @param width D, how many numbers a code has
 * @param splits S, how many pieces a latent vector of S·D numbers is cut into
 * @param quantizer how the bottleneck looks up
 * @param mode how nearest codes are compared under L2 and the cosine
 * @param pca by how many principal components of the codebook vectors and codes are compared; 0 for
 *     all of them as they are
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
 * @param data images, in any of the forms of the guide; the digits of this module if there are none
 * @param initFrom the folder of a run, or a SavedModel, whose weights the network starts with
 */
public record AutoencoderOptions(
    int codes,
    int width,
    int splits,
    Quantizer quantizer,
    SearchMode mode,
    int pca,
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
    long seed,
    Optional<Path> data,
    Optional<Path> initFrom) {

  /**
   * Checks the options; the layer's own are checked by the layer.
   *
   * @param codes K, at least 1
   * @param width D, at least 1
   * @param splits S, at least 1
   * @param quantizer how the bottleneck looks up
   * @param mode how nearest codes are compared
   * @param pca from 0 to D
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
   * @param data images, if there are some
   * @param initFrom a model, if there is one
   * @throws IllegalArgumentException if a number is out of range
   */
  public AutoencoderOptions {
    Check.atLeast("codes", 1, codes);
    Check.atLeast("width", 1, width);
    Check.atLeast("splits", 1, splits);
    Objects.requireNonNull(quantizer, "quantizer");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(initFrom, "initFrom");
    Check.atLeast("pca", 0, pca);
    if (pca > width) {
      throw new IllegalArgumentException("pca must be at most the width " + width + ", got " + pca);
    }
    Check.finite("alpha", alpha);
    Check.finite("beta", beta);
    Check.finite("gamma", gamma);
    Check.finite("commitment", commitment);
    Check.atLeast("replace", 0, replaced);
    if (replaced > codes) {
      throw new IllegalArgumentException(
          "replace must be at most the number of codes " + codes + ", got " + replaced);
    }
    if (quantizer.isCosine() && replaced > 0) {
      throw new IllegalArgumentException(
          "replace must be 0 for the quantizer cosine, which replaces no codes, got " + replaced);
    }
    Check.atLeast("replace-every", 1, replaceEvery);
    Check.atLeast("epochs", 1, epochs);
    Check.atLeast("batch", 1, batch);
    Check.positive("rate", rate);
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
        Quantizer.L2,
        SearchMode.FAST,
        0,
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
        1,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * The same, to be changed. What is as {@link #defaults} has it goes on fitting what is changed:
   * four codes are replaced at a time, at most, if there are four.
   *
   * @return a builder that begins with these
   */
  public AutoencoderOptionsBuilder toBuilder() {
    return new AutoencoderOptionsBuilder(this);
  }

  VqOptions layer() {
    VqOptions options =
        VqOptions.defaults()
            .withAlpha(alpha)
            .withBeta(beta)
            .withGamma(gamma)
            .withCommitment(commitment)
            .withNorm(quantizer.norm())
            .withMode(mode)
            .withSplits(splits)
            .withReplaced(replaced)
            .withReplacementPolicy(ReplacementPolicy.UNUSED_CODES);
    return pca == 0 ? options : options.withReduction(PcaReduction.ofCodebook(pca));
  }

  CosineVqOptions cosineLayer() {
    CosineVqOptions options = CosineVqOptions.defaults().withMode(mode).withSplits(splits);
    return pca == 0 ? options : options.withReduction(PcaReduction.ofCodebook(pca));
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
    named.put("quantizer", quantizer.label());
    named.put("search", mode.name().toLowerCase(Locale.ROOT));
    named.put("pca", pca);
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
    data.ifPresent(path -> named.put("data", path.toString()));
    initFrom.ifPresent(path -> named.put("init-from", path.toString()));
    return named;
  }

  /** The options from what {@link #byName} became as JSON. */
  static AutoencoderOptions ofNames(JsonNode named) {
    for (String name : defaults().byName().keySet()) {
      if (!named.has(name)) {
        throw new IllegalArgumentException("the options must have " + name + ", got " + named);
      }
    }
    return new AutoencoderOptions(
        named.get("codes").intValue(),
        named.get("width").intValue(),
        named.get("splits").intValue(),
        Quantizer.valueOf(named.get("quantizer").textValue().toUpperCase(Locale.ROOT)),
        SearchMode.valueOf(named.get("search").textValue().toUpperCase(Locale.ROOT)),
        named.get("pca").intValue(),
        CodebookStart.of(named.get("init").textValue()),
        named.get("alpha").doubleValue(),
        named.get("beta").doubleValue(),
        named.get("gamma").doubleValue(),
        named.get("commitment").doubleValue(),
        named.get("replace").intValue(),
        named.get("replace-every").intValue(),
        named.get("epochs").intValue(),
        named.get("batch").intValue(),
        named.get("rate").doubleValue(),
        named.get("seed").longValue(),
        path(named, "data"),
        path(named, "init-from"));
  }

  private static Optional<Path> path(JsonNode named, String name) {
    return Optional.ofNullable(named.get(name)).map(JsonNode::textValue).map(Path::of);
  }
}
