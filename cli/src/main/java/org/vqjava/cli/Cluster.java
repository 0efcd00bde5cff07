/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vqjava.clustering.CentroidInitializer;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.workflow.ClusterModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vq cluster}. */
@Command(
    name = "cluster",
    description = {
      "Clusters the weights of a SavedModel, Python's too, and trains it further if there is data:"
          + " writes the model with few different weights, which Keras loads, and the weights"
          + " packed.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Cluster implements Callable<Integer> {
  @Mixin private ModelArguments arguments;

  @Option(
      names = "--clusters",
      paramLabel = "K",
      required = true,
      description = "how many different values a weight may have")
  private int clusters;

  @Option(
      names = "--variables",
      paramLabel = "REGEX",
      description =
          "which variables, by whole names (default: what is multiplied, convolved or looked up"
              + " with, whatever its name; no depthwise filters, biases, norms)")
  private @Nullable String variables;

  @Option(
      names = "--per-channel",
      description = "each channel, on the last axis, has values of its own")
  private boolean perChannel;

  @Option(
      names = "--preserve-sparsity",
      description = "weights that are 0 stay 0; needs 3 clusters")
  private boolean preserveSparsity;

  @Override
  public Integer call() throws IOException {
    ClusterOptions options =
        ClusterOptions.ofClusters(clusters)
            .withInitializer(CentroidInitializer.kMeansPlusPlus(arguments.seed()))
            .withPerChannel(perChannel)
            .withPreserveSparsity(preserveSparsity);
    return arguments.run(
        (model, flatten, objective, out, progress) ->
            variables == null
                ? ClusterModel.run(model, flatten, options, objective, out, progress)
                : ClusterModel.run(
                    model, flatten, ClusterPlan.of(variables, options), objective, out, progress));
  }
}
