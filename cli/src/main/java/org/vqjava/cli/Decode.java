/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.tensorflow.ndarray.Shape;
import org.vqjava.workflow.DecodeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq decode}. */
@Command(
    name = "decode",
    description = {"Decodes what vq encode wrote: into images or vectors of float32.", ""},
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Decode implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "folder of a run, or a SavedModel with signatures encode and decode")
  private Path model;

  @Parameters(index = "1", paramLabel = "CODES.npy", description = "of the same model")
  private Path codes;

  @Option(
      names = "--out",
      paramLabel = "FILE.npy",
      required = true,
      description = "new file for what the codes stand for")
  private Path out;

  @Mixin private ProgressArguments shown;

  @Override
  public Integer call() throws IOException {
    return shown.run(
        progress -> {
          Shape shape = DecodeFile.run(model, codes, out, progress);
          PrintWriter result = spec.commandLine().getOut();
          result.println(Arrays.toString(shape.asArray()) + " of float32 in " + out);
          result.flush();
        });
  }
}
