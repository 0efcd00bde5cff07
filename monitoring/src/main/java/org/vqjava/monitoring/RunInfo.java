/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a log is of.
 *
 * @param name of the run, for people
 * @param started when the log was opened
 * @param options of the run, name → value
 */
public record RunInfo(String name, Instant started, Map<String, String> options) {
  /**
   * Copies the map.
   *
   * @param name of the run, not blank
   * @param started when the log was opened
   * @param options of the run, name → value
   * @throws IllegalArgumentException if the name is blank
   */
  public RunInfo {
    Check.notBlank("name", name);
    Objects.requireNonNull(started, "started");
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }
}
