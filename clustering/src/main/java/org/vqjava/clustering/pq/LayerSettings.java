/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A number for each layer, by its type and by a feature of it or a part of its name: block sizes,
 * numbers of centroids.
 *
 * <p>The entry of the layer's type, exactly, or else that of the type {@code *}, says which feature
 * counts. The text of the layer's feature picks the number, else {@code *} does. With the feature
 * {@value #FUZZY_NAME} the first key that is part of the layer's name picks it.
 *
 * <pre>{@code
 * new LayerSettings(
 *     Map.of("Conv2d", new LayerSettings.Choice("kernel_size", Map.of("(3, 3)", 9, "(1, 1)", 4))))
 * }</pre>
 *
 * @param byType type → choice
 * @see <a href="https://github.com/facebookresearch/fairseq/tree/main/examples/quant_noise">the
 *     configuration of fairseq</a>
 */
public record LayerSettings(Map<String, Choice> byType) {
  /** The name in place of a feature that makes keys parts of names. */
  public static final String FUZZY_NAME = "fuzzy_name";

  private static final String ANY = "*";

  /**
   * How a type's layers get their number.
   *
   * @param feature which counts, or {@value LayerSettings#FUZZY_NAME}
   * @param numbers text of the feature, or part of a name → number, in their order
   */
  public record Choice(String feature, Map<String, Integer> numbers) {
    /**
     * Copies the numbers.
     *
     * @param feature which counts
     * @param numbers text → number, each at least 1
     * @throws IllegalArgumentException if a number is below 1
     */
    public Choice {
      Objects.requireNonNull(feature, "feature");
      numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
      numbers.forEach(
          (key, number) -> {
            if (number < 1) {
              throw new IllegalArgumentException(
                  "the number of " + key + " must be at least 1, got " + number);
            }
          });
    }
  }

  /**
   * Copies the choices.
   *
   * @param byType type → choice
   */
  public LayerSettings {
    byType = Collections.unmodifiableMap(new LinkedHashMap<>(byType));
  }

  /**
   * The number of a layer.
   *
   * @param layer name, type and features
   * @return the number
   * @throws IllegalArgumentException if there is none
   */
  public int of(Layer layer) {
    Choice choice = byType.getOrDefault(layer.type(), byType.get(ANY));
    if (choice == null) {
      throw new IllegalArgumentException(
          "the settings must have an entry for type "
              + layer.type()
              + " of layer "
              + layer.name()
              + ", got "
              + byType.keySet());
    }
    Integer number =
        choice.feature().equals(FUZZY_NAME)
            ? byPartOfTheName(layer.name(), choice.numbers())
            : choice.numbers().get(layer.features().getOrDefault(choice.feature(), ANY));
    Integer found = number == null ? choice.numbers().get(ANY) : number;
    if (found == null) {
      throw new IllegalArgumentException(
          "the settings must have a number for layer "
              + layer.name()
              + " by "
              + choice.feature()
              + " "
              + layer.features().getOrDefault(choice.feature(), "")
              + ", got "
              + choice.numbers().keySet());
    }
    return found;
  }

  private static @Nullable Integer byPartOfTheName(String name, Map<String, Integer> numbers) {
    for (Map.Entry<String, Integer> entry : numbers.entrySet()) {
      if (!entry.getKey().equals(ANY) && name.contains(entry.getKey())) {
        return entry.getValue();
      }
    }
    return null;
  }
}
