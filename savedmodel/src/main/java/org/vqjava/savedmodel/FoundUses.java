/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The uses of variables that were found so far, in their order. */
final class FoundUses {
  private final Map<String, Set<VariableUse>> uses = new LinkedHashMap<>();
  private final Set<String> reached = new LinkedHashSet<>();
  private final Set<String> written = new LinkedHashSet<>();

  void use(String variable, VariableUse use) {
    uses.computeIfAbsent(variable, name -> new LinkedHashSet<>()).add(use);
  }

  void reach(String variable) {
    reached.add(variable);
  }

  void write(Set<String> variables) {
    written.addAll(variables);
  }

  void addAll(FoundUses other) {
    other.uses.forEach((variable, found) -> found.forEach(use -> use(variable, use)));
    reached.addAll(other.reached);
    written.addAll(other.written);
  }

  List<VariableUse> of(String variable) {
    return List.copyOf(uses.getOrDefault(variable, Set.of()));
  }

  /** Whether a signature or a function computes with the variable at all. */
  boolean isReached(String variable) {
    return reached.contains(variable);
  }

  boolean isWritten(String variable) {
    return written.contains(variable);
  }
}
