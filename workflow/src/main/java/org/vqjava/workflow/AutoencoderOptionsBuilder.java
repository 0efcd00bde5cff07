/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.Optional;
import org.vqjava.ops.SearchMode;

/**
 * Options of a training, changed one by one; what is not changed is as {@link
 * AutoencoderOptions#defaults} has it.
 *
 * <pre>{@code
 * AutoencoderOptions options = new AutoencoderOptionsBuilder().codes(256).epochs(5).build();
 * }</pre>
 */
public final class AutoencoderOptionsBuilder {
  private int codes;
  private int width;
  private int splits;
  private Quantizer quantizer;
  private SearchMode mode;
  private int pca;
  private CodebookStart start;
  private double alpha;
  private double beta;
  private double gamma;
  private double commitment;
  private int replaced;
  private int replaceEvery;
  private int epochs;
  private int batch;
  private double rate;
  private long seed;
  private Optional<Path> data;

  /** Begins with the defaults. */
  public AutoencoderOptionsBuilder() {
    this(AutoencoderOptions.defaults());
  }

  AutoencoderOptionsBuilder(AutoencoderOptions options) {
    codes = options.codes();
    width = options.width();
    splits = options.splits();
    quantizer = options.quantizer();
    mode = options.mode();
    pca = options.pca();
    start = options.start();
    alpha = options.alpha();
    beta = options.beta();
    gamma = options.gamma();
    commitment = options.commitment();
    replaced = options.replaced();
    replaceEvery = options.replaceEvery();
    epochs = options.epochs();
    batch = options.batch();
    rate = options.rate();
    seed = options.seed();
    data = options.data();
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
   * @param value a directory with IDX files
   * @return this
   */
  public AutoencoderOptionsBuilder data(Path value) {
    data = Optional.of(value);
    return this;
  }

  /**
   * The options.
   *
   * @return checked
   * @throws IllegalArgumentException if a number is out of range
   */
  public AutoencoderOptions build() {
    return new AutoencoderOptions(
        codes,
        width,
        splits,
        quantizer,
        mode,
        pca,
        start,
        alpha,
        beta,
        gamma,
        commitment,
        replaced,
        replaceEvery,
        epochs,
        batch,
        rate,
        seed,
        data);
  }
}
