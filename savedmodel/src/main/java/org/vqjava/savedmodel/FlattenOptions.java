/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tensorflow.ndarray.Shape;

/**
 * What of a SavedModel is made a flat graph.
 *
 * <pre>{@code
 * FlattenOptions.defaults().withTraining().withInputShape("sequence", Shape.of(-1, 50, 6))
 * }</pre>
 *
 * @param tags of the graph
 * @param signature its key; if empty, {@code serving_default}, or the only one
 * @param training whether the forward pass for training comes with it
 * @param inputShapes input → shape that it is fixed to
 * @param targets operations that are kept beside the outputs, and what they need: the training step
 *     of a graph that Java saved
 * @param gradients whether a model is refused whose outputs no gradient can be computed of
 * @param trainable matches the whole names of the variables that are trained; if empty, those that
 *     whoever saved the model trained
 */
public record FlattenOptions(
    Set<String> tags,
    Optional<String> signature,
    boolean training,
    Map<String, Shape> inputShapes,
    List<String> targets,
    boolean gradients,
    Optional<String> trainable) {

  /**
   * Copies sets, maps and lists.
   *
   * @param tags of the graph
   * @param signature its key
   * @param training whether the forward pass for training comes with it
   * @param inputShapes input → shape that it is fixed to
   * @param targets operations that are kept beside the outputs
   * @param gradients whether a model without gradients is refused
   * @param trainable matches the names of the variables that are trained
   * @throws IllegalArgumentException if a shape has a size less than 1, or the regular expression
   *     is none
   */
  public FlattenOptions {
    tags = Set.copyOf(tags);
    Objects.requireNonNull(signature, "signature");
    inputShapes = Map.copyOf(inputShapes);
    inputShapes.forEach(FlattenOptions::check);
    targets = List.copyOf(targets);
    trainable.ifPresent(FlattenOptions::matches);
  }

  private static Predicate<String> matches(String regex) {
    try {
      return Pattern.compile(regex).asMatchPredicate();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "what is trained must be named by a regular expression, got "
              + regex
              + ": "
              + e.getDescription(),
          e);
    }
  }

  /** Whether a variable of a name is trained, where that is not left to the model. */
  Optional<Predicate<String>> trained() {
    return trainable.map(FlattenOptions::matches);
  }

  private static void check(String input, Shape shape) {
    if (!shape.isUnknown()
        && Arrays.stream(shape.asArray()).anyMatch(s -> s < 1 && s != Shape.UNKNOWN_SIZE)) {
      throw new IllegalArgumentException(
          "shape of input "
              + input
              + " must have sizes of at least 1, or -1 for those that stay open, got "
              + shape);
    }
  }

  /**
   * The forward pass for inference of the signature {@code serving_default}, or of the only one, of
   * the graph that is tagged {@code serve}; to be trained.
   *
   * @return the options
   */
  public static FlattenOptions defaults() {
    return new FlattenOptions(
        Set.of(ModelDescription.SERVE),
        Optional.empty(),
        false,
        Map.of(),
        List.of(),
        true,
        Optional.empty());
  }

  /**
   * The graph with other tags.
   *
   * @param value all of its tags
   * @return new options
   */
  public FlattenOptions withTags(Set<String> value) {
    return new FlattenOptions(
        value, signature, training, inputShapes, targets, gradients, trainable);
  }

  /**
   * Another signature.
   *
   * @param key its key
   * @return new options
   */
  public FlattenOptions withSignature(String key) {
    return new FlattenOptions(
        tags, Optional.of(key), training, inputShapes, targets, gradients, trainable);
  }

  /**
   * Also the forward pass that {@code model.save} of tf_keras keeps for training: batch statistics,
   * moving averages that are updated in each run that fetches one of its outputs, dropout. Its
   * outputs are {@link TrainableModel#trainingOutput}, under the names that it gives them; a single
   * one without a name is called as the signature's only output, {@code output} if that has
   * several.
   *
   * @return new options
   */
  public FlattenOptions withTraining() {
    return new FlattenOptions(tags, signature, true, inputShapes, targets, gradients, trainable);
  }

  /**
   * Fixes the shape of an input. A loop over a size that is not known, such as the time of a
   * recurrent layer, can be unrolled once it is fixed.
   *
   * @param input its name in the signature
   * @param shape as far as it is known; unknown sizes are {@link Shape#UNKNOWN_SIZE}
   * @return new options
   * @throws IllegalArgumentException if a size is less than 1; reading throws it if the shape does
   *     not fit the saved one
   */
  public FlattenOptions withInputShape(String input, Shape shape) {
    Map<String, Shape> shapes = new LinkedHashMap<>(inputShapes);
    shapes.put(input, shape);
    return new FlattenOptions(tags, signature, training, shapes, targets, gradients, trainable);
  }

  /**
   * Also an operation of the main graph, with all it needs, under its own name: the training step
   * with the optimizer's state, where Java saved the graph.
   *
   * @param operation its name
   * @return new options
   */
  public FlattenOptions withTarget(String operation) {
    List<String> all = new ArrayList<>(targets);
    all.add(operation);
    return new FlattenOptions(tags, signature, training, inputShapes, all, gradients, trainable);
  }

  /**
   * Takes a model too that can be run and not be trained.
   *
   * @return new options
   */
  public FlattenOptions withoutGradients() {
    return new FlattenOptions(tags, signature, training, inputShapes, targets, false, trainable);
  }

  /**
   * Trains the variables whose names match and no others, frozen or not: the layers that a first
   * training left alone, say, or the head alone.
   *
   * @param regex matches whole names, {@code head/.*} say
   * @return new options
   * @throws IllegalArgumentException if it is no regular expression; reading throws it if no float
   *     variable matches
   */
  public FlattenOptions withTrainable(String regex) {
    return new FlattenOptions(
        tags, signature, training, inputShapes, targets, gradients, Optional.of(regex));
  }
}
