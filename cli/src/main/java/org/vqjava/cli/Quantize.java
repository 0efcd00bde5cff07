/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.vqjava.clustering.pq.QuantizationPlan;
import org.vqjava.workflow.QuantizeModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vq quantize}. */
@Command(
    name = "quantize",
    description = {
      "Quantizes the weights of a SavedModel, Python's too, by blocks, in the stages of a plan, and"
          + " trains it further after each if there is data: writes the model, which Keras loads,"
          + " and the weights packed.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Quantize implements Callable<Integer> {
  @Mixin private ModelArguments arguments;

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      required = true,
      description =
          "JSON: stages, block_sizes and centroids by type (Dense, Conv2D, Embedding), iterations")
  private Path plan;

  @Override
  public Integer call() throws IOException {
    QuantizationPlan read = QuantizationPlan.read(plan);
    return arguments.run(
        (model, flatten, objective, out, progress) ->
            QuantizeModel.run(model, flatten, read, objective, out, progress));
  }
}
