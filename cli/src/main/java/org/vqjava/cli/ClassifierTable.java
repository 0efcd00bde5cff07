/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import org.vqjava.workflow.ClassifierNetwork;
import org.vqjava.workflow.ClassifierReport;
import org.vqjava.workflow.ClassifierReport.Attack;

/** Accuracies in percent: a row for each attack, a column for each network. */
final class ClassifierTable {
  private ClassifierTable() {}

  static String of(ClassifierReport report) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%-20s", "% in their class"));
    for (ClassifierNetwork network : ClassifierNetwork.values()) {
      text.append(String.format(Locale.ROOT, "%24s", network.label()));
    }
    text.append(System.lineSeparator());
    for (Attack attack : Attack.ALL) {
      text.append(String.format(Locale.ROOT, "%-20s", attack.label()));
      for (ClassifierNetwork network : ClassifierNetwork.values()) {
        text.append(String.format(Locale.ROOT, "%24s", range(report.of(network, attack))));
      }
      text.append(System.lineSeparator());
    }
    Table files = new Table();
    files.row("time", "%.1f s", report.seconds());
    for (String file :
        new String[] {
          ClassifierReport.ACCURACY, ClassifierReport.SIMILARITY, ClassifierReport.REPORT
        }) {
      files.row(file, "%s", report.directory().resolve(file));
    }
    files.row(
        "codebooks while they were trained", "%s dashboard %s", Vq.called(), report.directory());
    return text.append(files).toString();
  }

  private static String range(DoubleSummaryStatistics values) {
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f to %.1f)",
        100 * values.getAverage(),
        100 * values.getMin(),
        100 * values.getMax());
  }
}
