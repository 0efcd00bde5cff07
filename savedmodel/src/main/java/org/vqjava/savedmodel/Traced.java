/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What is known of a tensor whose variables are followed.
 *
 * @param variables those whose numbers it holds, with their axes; none if it depends on data
 * @param data whether it depends on what the model is given
 * @param numbers what it is, if that is a few whole numbers that are known
 */
record Traced(Map<String, Axes> variables, boolean data, Optional<List<Long>> numbers) {
  /** Neither data nor variables. */
  static final Traced NOTHING = new Traced(Map.of(), false, Optional.empty());

  static final Traced DATA = new Traced(Map.of(), true, Optional.empty());

  static Traced variable(String name, Axes axes) {
    return new Traced(Map.of(name, axes), false, Optional.empty());
  }

  static Traced numbers(List<Long> numbers) {
    return new Traced(Map.of(), false, Optional.of(numbers));
  }

  boolean holdsVariables() {
    return !variables.isEmpty();
  }

  /** The one or the other: of two branches, or before and after a step of a loop. */
  Traced or(Traced other) {
    if (equals(other)) {
      return this;
    }
    boolean either = data || other.data;
    return new Traced(
        either ? Map.of() : joined(List.of(this, other)),
        either,
        numbers.equals(other.numbers) ? numbers : Optional.empty());
  }

  /** The variables of several tensors; axes that differ cannot be followed. */
  static Map<String, Axes> joined(Collection<Traced> all) {
    Map<String, Axes> joined = new TreeMap<>();
    for (Traced traced : all) {
      traced.variables.forEach(
          (name, axes) -> joined.merge(name, axes, (a, b) -> a.equals(b) ? a : Axes.UNKNOWN));
    }
    return joined;
  }

  /** The same numbers with other axes. */
  Traced with(UnaryOperator<Axes> change) {
    Map<String, Axes> changed = new TreeMap<>();
    variables.forEach((name, axes) -> changed.put(name, change.apply(axes)));
    return new Traced(changed, data, Optional.empty());
  }
}
