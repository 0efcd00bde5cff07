/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vqjava.workflow.EncodeFile;
import org.vqjava.workflow.EncodingReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq encode}. */
@Command(
    name = "encode",
    description = {
      "Encodes images or vectors with a trained model: writes the index of each code, in the smallest"
          + " type that holds them.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Encode implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "folder of a run, or a SavedModel with signatures encode and decode")
  private Path model;

  @Parameters(
      index = "1",
      paramLabel = "DATA",
      description = ".npy, .npz, IDX or PNG file, or folder of PNG files")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "CODES.npy",
      required = true,
      description = "new file for the codes, [N, ..]")
  private Path out;

  @Option(
      names = "--array",
      paramLabel = "NAME",
      description = "which array of an .npz (default: the only one)")
  private @Nullable String array;

  @Option(names = Json.OPTION, description = Json.DESCRIPTION)
  private boolean json;

  @Mixin private ProgressArguments shown;

  @Override
  public Integer call() throws IOException {
    return shown.run(
        progress -> {
          EncodingReport report =
              EncodeFile.run(model, data, Optional.ofNullable(array), out, progress);
          PrintWriter result = spec.commandLine().getOut();
          if (json) {
            Json.print(result, report.byName());
          } else {
            result.print(table(report));
            result.flush();
          }
        });
  }

  private static Table table(EncodingReport report) {
    Table table = new Table();
    table.row("codes", "%s", report.out());
    table.row("shape", "%s", Arrays.toString(report.shape().asArray()));
    table.row("type", "%s", report.type());
    table.row(
        "codes used",
        "%d of %s",
        report.usage().used(),
        report.codes().isPresent() ? report.codes().getAsInt() : "?");
    table.row("perplexity", "%.1f", report.usage().perplexity());
    table.row("time", "%.1f s", report.seconds());
    return table;
  }
}
