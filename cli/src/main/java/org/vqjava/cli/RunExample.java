/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vqjava.examples.Examples;
import org.vqjava.examples.Examples.Example;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq example}. */
@Command(
    name = "example",
    description = {"Runs an example; without a name, lists them.", ""},
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class RunExample implements Callable<Integer> {
  private static final Map<String, Example> EXAMPLES = Examples.byName();

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "which one")
  private @Nullable String name;

  @Mixin private ProgressArguments shown;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    String chosen = name;
    if (chosen == null) {
      Table table = new Table();
      EXAMPLES.forEach((key, example) -> table.row(key, "%s", example.about()));
      out.print(table);
    } else {
      Example example = EXAMPLES.get(chosen);
      if (example == null) {
        throw new ParameterException(
            spec.commandLine(),
            "NAME must be one of " + String.join(", ", EXAMPLES.keySet()) + ", got " + chosen);
      }
      Notices.keepOff();
      StringWriter report = new StringWriter();
      try (StageProgress progress = shown.stages()) {
        example.job().run(progress, new PrintWriter(report));
      }
      out.print(report);
    }
    out.flush();
    return 0;
  }
}
