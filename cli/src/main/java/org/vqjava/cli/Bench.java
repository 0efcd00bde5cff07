/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vqjava.benchmarks.Growth;
import org.vqjava.benchmarks.Machine;
import org.vqjava.benchmarks.Race;
import org.vqjava.benchmarks.Races;
import org.vqjava.benchmarks.Report;
import org.vqjava.benchmarks.overhead.Overheads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vq bench}. */
@Command(
    name = "bench",
    description = {
      "Measures look-ups, training steps, principal components, EM and clustered weights beside a bare"
          + " matrix multiplication and other formulas, in turns: processor time at one thread, and"
          + " its ratio to the first line's.",
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

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = {
        "the long form: also how time and memory grow with N, K, D and threads, and what Java adds"
            + " to TensorFlow's work; writes DIR/bench.json and DIR/growth.png"
      })
  private @Nullable Path out;

  @Mixin private Quiet quiet;

  @Option(names = "--small", description = "small shapes, to see that it runs")
  private boolean small;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter print = spec.commandLine().getOut();
    Consumer<String> progress = quiet::tell;
    if (out != null) {
      // Before the ten minutes, not after them.
      if (Files.exists(out) && !Files.isDirectory(out)) {
        throw new IllegalArgumentException("--out must be a folder, got " + out);
      }
      Files.createDirectories(out);
    }
    Notices.keepOff();
    Machine machine = Machine.here();
    print.println("on " + machine);
    List<Race.Time> races = Races.run(rounds, small, progress);
    print.print(Races.table(races));
    print.flush();
    if (out != null) {
      List<Growth.Point> growth = Growth.run(small, progress);
      print.print(Growth.table(growth));
      print.flush();
      progress.accept("what Java adds");
      List<Overheads.Time> overheads = Overheads.run(small);
      print.print(Overheads.table(overheads));
      new Report(machine, rounds, races, growth, overheads).write(out);
      print.println("figures and picture in " + out);
    }
    print.flush();
    return 0;
  }
}
