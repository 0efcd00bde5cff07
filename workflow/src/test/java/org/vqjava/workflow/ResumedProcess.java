/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Files;
import java.nio.file.Path;

/** A process that begins a run, or goes on with it, and tells each step, until it is killed. */
final class ResumedProcess {
  private ResumedProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path run = Path.of(arguments[0]);
    TrainingListener telling =
        new TrainingListener() {
          @Override
          public void stepped(TrainingProgress progress) {
            System.out.println("step " + progress.step());
          }
        };
    if (Files.exists(run)) {
      TrainAutoencoder.resume(run, telling);
    } else {
      TrainAutoencoder.run(ResumeTest.options(), RunDirectory.create(run), telling);
    }
  }
}
