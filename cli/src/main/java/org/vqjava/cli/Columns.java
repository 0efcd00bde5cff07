/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of several columns below their titles, numbers to the right. */
final class Columns {
  private final List<String[]> rows = new ArrayList<>();

  Columns(String... titles) {
    rows.add(titles);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  @Override
  public String toString() {
    int count = rows.get(0).length;
    int[] widths = new int[count];
    boolean[] numbers = new boolean[count];
    for (int c = 0; c < count; c++) {
      int column = c;
      widths[c] = rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
      numbers[c] = rows.stream().skip(1).allMatch(row -> row[column].matches("[\\d.,]*"));
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < count; c++) {
        String padding = " ".repeat(widths[c] - row[c].length());
        line.append(c == 0 ? "" : "  ").append(numbers[c] ? padding + row[c] : row[c] + padding);
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }
}
