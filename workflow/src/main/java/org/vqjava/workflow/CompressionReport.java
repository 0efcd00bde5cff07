/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What compressing a model came to. Printed, it is a table and some lines.
 *
 * @param table what was done to which variable
 * @param lossBefore of the model as it was; empty without data
 * @param lossCompressed after compression, before training
 * @param lossTrained after training
 * @param bytes of the model's float32 variables
 * @param archiveBytes of the archive
 * @param leftAlone what is more than a hundredth of the bytes and was not compressed, and why
 * @param notes what is out of the ordinary
 */
public record CompressionReport(
    String table,
    OptionalDouble lossBefore,
    OptionalDouble lossCompressed,
    OptionalDouble lossTrained,
    long bytes,
    long archiveBytes,
    List<LeftAlone> leftAlone,
    List<String> notes) {
  /**
   * Copies the lists.
   *
   * @param table what was done to which variable
   * @param lossBefore of the model as it was
   * @param lossCompressed after compression
   * @param lossTrained after training
   * @param bytes of the model's float32 variables
   * @param archiveBytes of the archive
   * @param leftAlone what was not compressed, and why
   * @param notes what is out of the ordinary
   */
  public CompressionReport {
    leftAlone = List.copyOf(leftAlone);
    notes = List.copyOf(notes);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(table);
    if (lossBefore.isPresent()) {
      text.append(
          String.format(
              Locale.ROOT,
              "loss: %.4f as it was, %.4f compressed, %.4f trained%n",
              lossBefore.getAsDouble(),
              lossCompressed.orElse(Double.NaN),
              lossTrained.orElse(Double.NaN)));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "variables: %,d bytes as float32, %,d in the archive, %.1f times smaller%n",
            bytes,
            archiveBytes,
            (double) bytes / Math.max(1, archiveBytes)));
    leftAlone.forEach(variable -> text.append(variable).append(System.lineSeparator()));
    notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    return text.toString();
  }
}
