/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a training is done with, in a line.
 *
 * @param defaults by their names on the command line
 * @param typed the names of those that were typed, which do not adapt
 */
record Settings(Map<String, Object> defaults, Set<String> typed) {

  /** Of a run that has its own. */
  static Settings ofRun() {
    return new Settings(Map.of(), Set.of());
  }

  String line(Map<String, Object> options) {
    return options.entrySet().stream()
        .map(o -> o.getKey() + " " + o.getValue() + mark(o.getKey(), o.getValue()))
        .collect(Collectors.joining(", ", "settings: ", ""));
  }

  private String mark(String name, Object value) {
    Object usual = defaults.get(name);
    return usual == null || usual.equals(value) || typed.contains(name)
        ? ""
        : " (fits, in place of " + usual + ")";
  }
}
