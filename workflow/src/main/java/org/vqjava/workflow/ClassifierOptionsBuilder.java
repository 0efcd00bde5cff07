/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Options of classifiers, chosen one by one; what is not chosen is as {@link
 * ClassifierOptions#defaults} has it, or fits what is chosen and the images.
 *
 * <pre>{@code
 * ClassifierOptions options = new ClassifierOptionsBuilder().codes(256).epochs(5).build();
 * }</pre>
 */
public final class ClassifierOptionsBuilder {
  private static final ClassifierOptions DEFAULTS = ClassifierOptions.defaults();

  private @Nullable Integer codes;
  private @Nullable Integer examples;
  private @Nullable Integer neighbours;
  private @Nullable Integer epochs;
  private @Nullable Integer batch;
  private @Nullable Double rate;
  private @Nullable Long seed;
  private @Nullable Integer seeds;
  private Optional<Path> data = Optional.empty();

  /** Begins with nothing chosen. */
  public ClassifierOptionsBuilder() {}

  /**
   * Chooses {@link ClassifierOptions#codes}.
   *
   * @param value K, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder codes(int value) {
    codes = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#examples}.
   *
   * @param value labelled codes of each class, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder examples(int value) {
    examples = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#neighbours}.
   *
   * @param value k, how many labelled codes vote, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder neighbours(int value) {
    neighbours = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#epochs}.
   *
   * @param value how often each image is seen, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder epochs(int value) {
    epochs = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#batch}.
   *
   * @param value images of a step, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder batch(int value) {
    batch = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#rate}.
   *
   * @param value learning rate of Adam
   * @return this
   */
  public ClassifierOptionsBuilder rate(double value) {
    rate = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#seed}.
   *
   * @param value the first seed
   * @return this
   */
  public ClassifierOptionsBuilder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#seeds}.
   *
   * @param value how many seeds are tried, at least 1
   * @return this
   */
  public ClassifierOptionsBuilder seeds(int value) {
    seeds = value;
    return this;
  }

  /**
   * Chooses {@link ClassifierOptions#data}.
   *
   * @param value labelled images
   * @return this
   */
  public ClassifierOptionsBuilder data(Path value) {
    data = Optional.of(value);
    return this;
  }

  /**
   * The options.
   *
   * @return checked
   * @throws IllegalArgumentException if a number is out of range
   */
  public ClassifierOptions build() {
    return build(or(examples, DEFAULTS.examples()), DEFAULTS.neighbours(), DEFAULTS.codes());
  }

  /**
   * The options for images. What was not chosen fits them: there are no more examples than the
   * smallest class has images, but enough for the neighbours that were chosen; no more neighbours
   * than labelled codes; no more codes than images to start from.
   *
   * @param starting how many images the codebook starts from
   */
  ClassifierOptions build(int starting, LabelledImages train) {
    int classes = Math.max(1, train.classes());
    int wanted = (or(neighbours, 0) - 1) / classes + 1;
    int fitting =
        Math.max(1, Math.min(train.fewestOfAClass(), Math.max(DEFAULTS.examples(), wanted)));
    int chosenExamples = or(examples, fitting);
    long labelled = (long) chosenExamples * classes;
    return build(
        chosenExamples,
        (int) Math.min(DEFAULTS.neighbours(), labelled),
        Math.min(DEFAULTS.codes(), starting));
  }

  private ClassifierOptions build(int chosenExamples, int fewNeighbours, int fewCodes) {
    return new ClassifierOptions(
        or(codes, fewCodes),
        chosenExamples,
        or(neighbours, Math.max(1, fewNeighbours)),
        or(epochs, DEFAULTS.epochs()),
        or(batch, DEFAULTS.batch()),
        or(rate, DEFAULTS.rate()),
        or(seed, DEFAULTS.seed()),
        or(seeds, DEFAULTS.seeds()),
        data);
  }

  private static <T> T or(@Nullable T chosen, T other) {
    return chosen == null ? other : chosen;
  }
}
