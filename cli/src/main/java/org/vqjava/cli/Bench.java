/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.vqjava.benchmarks.Races;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vq bench}. */
@Command(
    name = "bench",
    description = {
      "Measures look-ups, training steps and scalar clustering beside a bare matrix multiplication and"
          + " other formulas, in turns: processor time at one thread, and its ratio to the first"
          + " line's.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      description = "rounds, of which the median counts (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--small", description = "small shapes, to see that it runs")
  private boolean small;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    String table =
        Races.table(
            Races.run(
                rounds,
                small,
                name -> {
                  err.println(name);
                  err.flush();
                }));
    PrintWriter out = spec.commandLine().getOut();
    out.println("on " + Races.machine());
    out.print(table);
    out.flush();
    return 0;
  }
}
