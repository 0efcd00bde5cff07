/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Files;
import java.nio.file.Path;

/** A process that begins a run, or goes on with it, until it is killed. */
final class ResumedProcess {
  private ResumedProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path run = Path.of(arguments[0]);
    TrainingListener silent = new TrainingListener() {};
    if (Files.isDirectory(run.resolve("checkpoints"))) {
      TrainAutoencoder.resume(run, silent);
    } else {
      Trees.delete(run);
      TrainAutoencoder.run(ResumeTest.options(), RunDirectory.create(run), silent);
    }
  }
}
