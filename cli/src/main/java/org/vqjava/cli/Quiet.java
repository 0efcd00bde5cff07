/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether a command tells how far it is. */
class Quiet {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-q", "--quiet"},
      description = "no progress: nothing but warnings and errors on standard error")
  private boolean quiet;

  final boolean isOn() {
    return quiet;
  }

  /** Something that is good to know, and no warning. */
  final void tell(String line) {
    if (!quiet) {
      err().println(line);
      err().flush();
    }
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
