/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Choices by their names. */
final class Names {
  private Names() {}

  static <E extends Enum<E>> E of(Class<E> type, String what, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(choice -> choice.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    what
                        + " must be one of "
                        + Arrays.stream(type.getEnumConstants())
                            .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))
                        + ", got "
                        + name));
  }
}
