/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which classifiers are trained and attacked, and how.
 *
 * <pre>{@code
 * ClassifierOptions.defaults().withSeeds(5)
 * }</pre>
 *
 * @param codes K, how many codes the distance layer has
 * @param examples how many training images of each class become labelled codes of the layer with a
 *     vote
 * @param neighbours k, how many of those codes vote
 * @param epochs how often each image is seen
 * @param batch how many images a step takes
 * @param rate learning rate of Adam
 * @param seed the first seed; it chooses weights, codes and the order of the images
 * @param seeds how many seeds are tried, one after the other
 * @param data a directory with IDX files, as of MNIST; the digits of this module if there is none
 */
public record ClassifierOptions(
    int codes,
    int examples,
    int neighbours,
    int epochs,
    int batch,
    double rate,
    long seed,
    int seeds,
    Optional<Path> data) {

  /**
   * Checks the options; the layers' own are checked by the layers.
   *
   * @param codes K, at least 1
   * @param examples at least 1
   * @param neighbours k, at least 1
   * @param epochs at least 1
   * @param batch at least 1
   * @param rate positive and finite
   * @param seed any number
   * @param seeds at least 1
   * @param data a directory, if there is one
   * @throws IllegalArgumentException if a number is out of range
   */
  public ClassifierOptions {
    Check.atLeast("codes", 1, codes);
    Check.atLeast("examples", 1, examples);
    Check.atLeast("neighbours", 1, neighbours);
    Check.atLeast("epochs", 1, epochs);
    Check.atLeast("batch", 1, batch);
    Check.positive("rate", rate);
    Check.atLeast("seeds", 1, seeds);
    Objects.requireNonNull(data, "data");
  }

  /**
   * 64 codes; 20 examples of each class, of which 5 vote; 30 epochs, seeds 1 to 3, the digits.
   *
   * @return the defaults
   */
  public static ClassifierOptions defaults() {
    return new ClassifierOptions(64, 20, 5, 30, 64, 1e-3, 1, 3, Optional.empty());
  }

  /**
   * The same with other epochs.
   *
   * @param value how often each image is seen, at least 1
   * @return new options
   */
  public ClassifierOptions withEpochs(int value) {
    return new ClassifierOptions(
        codes, examples, neighbours, value, batch, rate, seed, seeds, data);
  }

  /**
   * The same with another number of seeds.
   *
   * @param value how many seeds are tried, at least 1
   * @return new options
   */
  public ClassifierOptions withSeeds(int value) {
    return new ClassifierOptions(
        codes, examples, neighbours, epochs, batch, rate, seed, value, data);
  }

  /**
   * The same on other data.
   *
   * @param value a directory with IDX files of images and labels
   * @return new options
   */
  public ClassifierOptions withData(Path value) {
    return new ClassifierOptions(
        codes, examples, neighbours, epochs, batch, rate, seed, seeds, Optional.of(value));
  }

  /**
   * The options by their names on the command line.
   *
   * @return name → number or word, as the command line takes them, in its order
   */
  public Map<String, Object> byName() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("codes", codes);
    named.put("examples", examples);
    named.put("neighbours", neighbours);
    named.put("epochs", epochs);
    named.put("batch", batch);
    named.put("rate", rate);
    named.put("seed", seed);
    named.put("seeds", seeds);
    data.ifPresent(directory -> named.put("data", directory.toString()));
    return named;
  }
}
