/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vqjava.clustering.pq.QuantizationPlan;
import org.vqjava.workflow.QuantizeModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vq quantize}. */
@Command(
    name = "quantize",
    description = {
      "Quantizes the weights of a SavedModel, Python's too, by blocks, and trains it further if there"
          + " is data: writes the model, which Keras loads, and the weights packed. All kernels and"
          + " embeddings alike, where it fits, by --codes and --block; or in stages, each followed by"
          + " training, by a plan.",
      ""
    },
    footer = {
      "",
      "A plan:",
      "  {\"stages\": [\"conv.*\", \"dense/kernel\"],",
      "   \"block_sizes\": {\"Conv2D\": {\"feature\": \"kernel_size\", \"numbers\": {\"(3, 3)\": 9}},",
      "                   \"*\": {\"feature\": \"fuzzy_name\", \"numbers\": {\"*\": 8}}},",
      "   \"centroids\": {\"*\": {\"feature\": \"fuzzy_name\", \"numbers\": {\"logits\": 32, \"*\": 256}}},",
      "   \"iterations\": 20, \"where_it_fits\": true}",
      "Stages are regular expressions of variables' names, from their beginning. Types are Dense and"
          + " EinsumDense (features in_features, units), Conv1D to Conv3D and Conv1DTranspose to"
          + " Conv3DTranspose (kernel_size), Embedding (output_dim), * for any. With the feature"
          + " fuzzy_name numbers go by a part of the name. where_it_fits leaves alone what does not"
          + " fit; without it that is an error."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Quantize implements Callable<Integer> {
  private static final int CODES = 256;
  private static final int BLOCK = 8;

  @Spec private CommandSpec spec;

  @Mixin private ModelArguments arguments;

  @Option(
      names = "--codes",
      paramLabel = "K",
      description =
          "centroids of each kernel, where as many fit (default without a plan: " + CODES + ")")
  private @Nullable Integer codes;

  @Option(
      names = "--block",
      paramLabel = "N",
      description = "numbers in a block, where it divides a row (default without a plan: 8)")
  private @Nullable Integer block;

  @Option(
      names = "--variables",
      paramLabel = "REGEX",
      description = "which kernels, by whole names; goes with --codes or --block (default: all)")
  private @Nullable String variables;

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description = "stages, and block sizes and centroids by type of layer, as JSON: see below")
  private @Nullable Path plan;

  @Override
  public Integer call() throws IOException {
    QuantizationPlan chosen = plan();
    return arguments.run(
        (model, flatten, objective, out, progress) ->
            QuantizeModel.run(model, flatten, chosen, objective, out, progress));
  }

  private QuantizationPlan plan() throws IOException {
    boolean alike = codes != null || block != null;
    if (plan != null && (alike || variables != null)) {
      throw wrong(
          "--plan says codes, blocks and variables itself: leave out --codes, --block and"
              + " --variables, or the plan");
    }
    if (plan != null) {
      return QuantizationPlan.read(plan);
    }
    if (!alike) {
      throw wrong("--codes and --block, or --plan, must say how: --codes 256 --block 8, say");
    }
    int centroids = atLeastOne("--codes", codes == null ? CODES : codes);
    int numbers = atLeastOne("--block", block == null ? BLOCK : block);
    return QuantizationPlan.ofAll(variables == null ? ".*" : variables, centroids, numbers);
  }

  private int atLeastOne(String option, int value) {
    if (value < 1) {
      throw wrong(option + " must be at least 1, got " + value);
    }
    return value;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
