/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.vqjava.workflow.AutoencoderOptions;
import org.vqjava.workflow.RunDirectory;
import org.vqjava.workflow.TrainAutoencoder;
import org.vqjava.workflow.TrainingListener;
import org.vqjava.workflow.TrainingProgress;
import org.vqjava.workflow.TrainingReport;

/** What {@code ./vq train} does, in one call. */
public final class TrainDigits {
  private TrainDigits() {}

  /**
   * Trains with the defaults and prints the error on the test images.
   *
   * @param arguments the directory for the runs, {@code runs} if there is none
   * @throws IOException if a file cannot be written
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path runs = Path.of(arguments.length == 0 ? "runs" : arguments[0]);
    // region train
    TrainingReport report =
        TrainAutoencoder.run(
            AutoencoderOptions.defaults(),
            RunDirectory.createNext(runs, "digits"),
            new TrainingListener() {
              @Override
              public void stepped(TrainingProgress progress) {
                if (progress.endOfEpoch()) {
                  System.out.printf(
                      Locale.ROOT, "epoch %d: loss %.4f%n", progress.epoch(), progress.loss());
                }
              }
            });
    System.out.printf(Locale.ROOT, "test error %.5f%n", report.testError());
    // endregion
  }
}
