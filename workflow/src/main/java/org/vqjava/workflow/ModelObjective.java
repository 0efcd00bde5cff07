/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.vqjava.savedmodel.ModelLoss;

/**
 * What a loaded model is trained for, by Adam on its forward pass for inference: batch
 * normalization keeps its statistics, dropout is off.
 *
 * <pre>{@code
 * ModelObjective.of(Path.of("digits.npz"), Map.of("probs", ModelLoss.XENT_PROBS)).withEpochs(3)
 * }</pre>
 *
 * @param data a {@code .npz} with an array for each input, by its name in the signature, and one
 *     for each output that is trained, {@code target:<output>}, all with as many rows. A target has
 *     the shape of its output; axes of size 1 may be left out or added, and for a cross entropy
 *     over C classes it may hold whole numbers of classes from 0 to C − 1, without the last axis
 * @param losses output → loss; they are added
 * @param epochs how often each row is seen, 0 to measure the loss alone
 * @param batch rows in a step
 * @param rate learning rate of Adam
 * @param seed of the order of the rows
 */
public record ModelObjective(
    Path data, Map<String, ModelLoss> losses, int epochs, int batch, double rate, long seed) {
  /** How often each row is seen, if nothing else is said. */
  public static final int EPOCHS = 5;

  /** Rows in a step, if nothing else is said. */
  public static final int BATCH = 32;

  /** Learning rate, if nothing else is said. */
  public static final double RATE = 3e-4;

  /**
   * Checks the figures, and copies the map.
   *
   * @param data a {@code .npz}
   * @param losses output → loss, one or more
   * @param epochs at least 0
   * @param batch at least 1
   * @param rate positive and finite, as a float32 too
   * @param seed of the order of the rows
   * @throws IllegalArgumentException if a figure is out of its range
   */
  public ModelObjective {
    Objects.requireNonNull(data, "data");
    losses = Collections.unmodifiableMap(new TreeMap<>(losses));
    if (losses.isEmpty()) {
      throw new IllegalArgumentException("losses must be one or more, got none");
    }
    Check.atLeast("epochs", 0, epochs);
    Check.atLeast("batch", 1, batch);
    Check.positive("rate", (float) rate);
  }

  /**
   * With usual figures.
   *
   * @param data a {@code .npz}
   * @param losses output → loss
   * @return the objective
   */
  public static ModelObjective of(Path data, Map<String, ModelLoss> losses) {
    return new ModelObjective(data, losses, EPOCHS, BATCH, RATE, 1);
  }

  /**
   * Another number of epochs.
   *
   * @param value at least 0
   * @return a new objective
   */
  public ModelObjective withEpochs(int value) {
    return new ModelObjective(data, losses, value, batch, rate, seed);
  }

  /**
   * Another number of rows in a step. A model that takes so many rows at a time and no others needs
   * just that number, and rows that are a multiple of it.
   *
   * @param value at least 1
   * @return a new objective
   */
  public ModelObjective withBatch(int value) {
    return new ModelObjective(data, losses, epochs, value, rate, seed);
  }

  /**
   * Another order of the rows.
   *
   * @param value any number
   * @return a new objective
   */
  public ModelObjective withSeed(long value) {
    return new ModelObjective(data, losses, epochs, batch, rate, value);
  }

  /**
   * Another learning rate.
   *
   * @param value positive
   * @return a new objective
   */
  public ModelObjective withRate(double value) {
    return new ModelObjective(data, losses, epochs, batch, value, seed);
  }
}
