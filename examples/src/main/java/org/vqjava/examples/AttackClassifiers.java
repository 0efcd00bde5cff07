/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.vqjava.workflow.ClassifierNetwork;
import org.vqjava.workflow.ClassifierOptions;
import org.vqjava.workflow.ClassifierReport;
import org.vqjava.workflow.ProgressListener;
import org.vqjava.workflow.RunDirectory;
import org.vqjava.workflow.TrainClassifier;

/** What {@code ./vq train --task classify} does, in one call. */
public final class AttackClassifiers {
  private AttackClassifiers() {}

  /**
   * Tries one seed and prints the accuracy of each network under an attack.
   *
   * @param arguments the directory for the runs, {@code runs} if there is none
   * @throws IOException if a file cannot be written
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path runs = Path.of(arguments.length == 0 ? "runs" : arguments[0]);
    // region attack
    ClassifierReport report =
        TrainClassifier.run(
            ClassifierOptions.defaults().withSeeds(1),
            RunDirectory.createNext(runs, "classify"),
            new ProgressListener() {});
    ClassifierReport.Attack attack = new ClassifierReport.Attack(0.1, false);
    for (ClassifierNetwork network : ClassifierNetwork.values()) {
      System.out.printf(
          Locale.ROOT, "%s %.2f%n", network.label(), report.of(network, attack).getAverage());
    }
    // endregion
  }
}
