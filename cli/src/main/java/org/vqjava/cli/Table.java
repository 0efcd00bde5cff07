/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Rows of a name and a value, aligned. */
final class Table {
  private final Map<String, String> rows = new LinkedHashMap<>();

  void row(String name, String format, Object... values) {
    rows.put(name, String.format(Locale.ROOT, format, values));
  }

  @Override
  public String toString() {
    int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    rows.forEach(
        (name, value) ->
            text.append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value)
                .append(System.lineSeparator()));
    return text.toString();
  }
}
