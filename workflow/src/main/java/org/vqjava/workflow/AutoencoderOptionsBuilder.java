/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vqjava.ops.SearchMode;

/**
 * Options of a training, chosen one by one; what is not chosen is as {@link
 * AutoencoderOptions#defaults} has it, or fits what is.
 *
 * <pre>{@code
 * AutoencoderOptions options = new AutoencoderOptionsBuilder().codes(256).epochs(5).build();
 * }</pre>
 */
public final class AutoencoderOptionsBuilder {
  private static final AutoencoderOptions DEFAULTS = AutoencoderOptions.defaults();

  private @Nullable Integer codes;
  private @Nullable Integer width;
  private @Nullable Integer splits;
  private @Nullable Quantizer quantizer;
  private @Nullable SearchMode mode;
  private @Nullable Integer pca;
  private @Nullable CodebookStart start;
  private @Nullable Double alpha;
  private @Nullable Double beta;
  private @Nullable Double gamma;
  private @Nullable Double commitment;
  private @Nullable Integer replaced;
  private @Nullable Integer replaceEvery;
  private @Nullable Integer epochs;
  private @Nullable Integer batch;
  private @Nullable Double rate;
  private @Nullable Long seed;
  private Optional<Path> data = Optional.empty();
  private Optional<Path> initFrom = Optional.empty();

  /** Begins with the defaults. */
  public AutoencoderOptionsBuilder() {}

  /** Takes over what is not as the defaults have it; the rest goes on adapting. */
  AutoencoderOptionsBuilder(AutoencoderOptions options) {
    codes = unlessDefault(options, AutoencoderOptions::codes);
    width = unlessDefault(options, AutoencoderOptions::width);
    splits = unlessDefault(options, AutoencoderOptions::splits);
    quantizer = unlessDefault(options, AutoencoderOptions::quantizer);
    mode = unlessDefault(options, AutoencoderOptions::mode);
    pca = unlessDefault(options, AutoencoderOptions::pca);
    start = unlessDefault(options, AutoencoderOptions::start);
    alpha = unlessDefault(options, AutoencoderOptions::alpha);
    beta = unlessDefault(options, AutoencoderOptions::beta);
    gamma = unlessDefault(options, AutoencoderOptions::gamma);
    commitment = unlessDefault(options, AutoencoderOptions::commitment);
    replaced = unlessDefault(options, AutoencoderOptions::replaced);
    replaceEvery = unlessDefault(options, AutoencoderOptions::replaceEvery);
    epochs = unlessDefault(options, AutoencoderOptions::epochs);
    batch = unlessDefault(options, AutoencoderOptions::batch);
    rate = unlessDefault(options, AutoencoderOptions::rate);
    seed = unlessDefault(options, AutoencoderOptions::seed);
    data = options.data();
    initFrom = options.initFrom();
  }

  private static <T> @Nullable T unlessDefault(
      AutoencoderOptions options, Function<AutoencoderOptions, T> option) {
    T value = option.apply(options);
    return value.equals(option.apply(DEFAULTS)) ? null : value;
  }

  /**
   * Changes {@link AutoencoderOptions#codes}.
   *
   * @param value K, at least 1
   * @return this
   */
  public AutoencoderOptionsBuilder codes(int value) {
    codes = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#width}.
   *
   * @param value D, at least 1
   * @return this
   */
  public AutoencoderOptionsBuilder width(int value) {
    width = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#splits}.
   *
   * @param value S, at least 1
   * @return this
   */
  public AutoencoderOptionsBuilder splits(int value) {
    splits = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#quantizer}.
   *
   * @param value how the bottleneck looks up
   * @return this
   */
  public AutoencoderOptionsBuilder quantizer(Quantizer value) {
    quantizer = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#mode}.
   *
   * @param value how nearest codes are compared under L2 and the cosine
   * @return this
   */
  public AutoencoderOptionsBuilder mode(SearchMode value) {
    mode = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#pca}.
   *
   * @param value by how many principal components vectors and codes are compared, 0 for whole ones
   * @return this
   */
  public AutoencoderOptionsBuilder pca(int value) {
    pca = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#start}.
   *
   * @param value how the codebook gets its first values
   * @return this
   */
  public AutoencoderOptionsBuilder start(CodebookStart value) {
    start = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#alpha}.
   *
   * @param value weight of the α-loss
   * @return this
   */
  public AutoencoderOptionsBuilder alpha(double value) {
    alpha = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#beta}.
   *
   * @param value weight of the β-loss
   * @return this
   */
  public AutoencoderOptionsBuilder beta(double value) {
    beta = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#gamma}.
   *
   * @param value weight of the Coulomb loss
   * @return this
   */
  public AutoencoderOptionsBuilder gamma(double value) {
    gamma = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#commitment}.
   *
   * @param value weight of the commitment loss
   * @return this
   */
  public AutoencoderOptionsBuilder commitment(double value) {
    commitment = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#replaced}.
   *
   * @param value R, how many unused codes one replacement replaces at most, 0 for none
   * @return this
   */
  public AutoencoderOptionsBuilder replaced(int value) {
    replaced = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#replaceEvery}.
   *
   * @param value steps from one replacement to the next
   * @return this
   */
  public AutoencoderOptionsBuilder replaceEvery(int value) {
    replaceEvery = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#epochs}.
   *
   * @param value how often each image is seen
   * @return this
   */
  public AutoencoderOptionsBuilder epochs(int value) {
    epochs = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#batch}.
   *
   * @param value images of a step
   * @return this
   */
  public AutoencoderOptionsBuilder batch(int value) {
    batch = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#rate}.
   *
   * @param value learning rate of Adam
   * @return this
   */
  public AutoencoderOptionsBuilder rate(double value) {
    rate = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#seed}.
   *
   * @param value chooses weights, codes and the order of the images
   * @return this
   */
  public AutoencoderOptionsBuilder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#data}.
   *
   * @param value images, in any of the forms of the guide
   * @return this
   */
  public AutoencoderOptionsBuilder data(Path value) {
    data = Optional.of(value);
    return this;
  }

  /**
   * Changes {@link AutoencoderOptions#initFrom}.
   *
   * @param value the folder of a run, or a SavedModel
   * @return this
   */
  public AutoencoderOptionsBuilder initFrom(Path value) {
    initFrom = Optional.of(value);
    return this;
  }

  /**
   * The options; what was not chosen fits what was.
   *
   * <p>Where it is not chosen: the width is at least {@link AutoencoderOptions#pca}, there are as
   * many codes as are to be replaced at a time, and at most as many codes are replaced as there
   * are, none under the cosine.
   *
   * @return checked
   * @throws IllegalArgumentException if a number is out of range
   */
  public AutoencoderOptions build() {
    return build(Long.MAX_VALUE, DEFAULTS);
  }

  /**
   * The options for images. What was not chosen fits them too: there are no more codes than latent
   * vectors to start from, and where more were chosen, the start makes up the rest.
   *
   * @param images how many images the codebook starts from
   */
  AutoencoderOptions build(int images, ImageFormat format) {
    return build(Autoencoder.positions(build(), format).tail().size() * images, DEFAULTS);
  }

  /**
   * The options for images and a model to start from. What was not chosen is as the model has it.
   *
   * @param usual what the model has
   */
  AutoencoderOptions build(int images, ImageFormat format, AutoencoderOptions usual) {
    AutoencoderOptions fitting = build(Long.MAX_VALUE, usual);
    return build(Autoencoder.positions(fitting, format).tail().size() * images, usual);
  }

  private AutoencoderOptions build(long pieces, AutoencoderOptions usual) {
    CodebookStart chosenStart = or(start, usual.start());
    boolean limited = chosenStart.needsAPieceForEachCode() && initFrom.isEmpty();
    int chosenPca = or(pca, usual.pca());
    int enough = (int) Math.min(usual.codes(), limited ? pieces : Integer.MAX_VALUE);
    int chosenCodes = or(codes, Math.max(enough, or(replaced, 0)));
    Quantizer chosenQuantizer = or(quantizer, usual.quantizer());
    return new AutoencoderOptions(
        chosenCodes,
        or(width, Math.max(usual.width(), chosenPca)),
        or(splits, usual.splits()),
        chosenQuantizer,
        or(mode, usual.mode()),
        chosenPca,
        or(start, limited && chosenCodes > pieces ? CodebookStart.BATCH_WITH_JITTER : chosenStart),
        or(alpha, usual.alpha()),
        or(beta, usual.beta()),
        or(gamma, usual.gamma()),
        or(commitment, usual.commitment()),
        or(replaced, chosenQuantizer.isCosine() ? 0 : Math.min(DEFAULTS.replaced(), chosenCodes)),
        or(replaceEvery, usual.replaceEvery()),
        or(epochs, usual.epochs()),
        or(batch, usual.batch()),
        or(rate, usual.rate()),
        or(seed, usual.seed()),
        data,
        initFrom);
  }

  private static <T> T or(@Nullable T chosen, T other) {
    return chosen == null ? other : chosen;
  }
}
