/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vq generate-completion}: by the command's own name, wherever it was called from. */
@Command(
    name = "generate-completion",
    description = {
      "Prints a script that completes commands and options in bash and zsh: source <(vq"
          + " generate-completion).",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class)
final class GenerateCompletion implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash("vq", spec.root().commandLine()));
    out.flush();
  }
}
