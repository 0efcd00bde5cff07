/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.vqjava.savedmodel.FlattenOptions;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.ModelLoss;
import org.vqjava.workflow.CompressionReport;
import org.vqjava.workflow.ModelObjective;
import org.vqjava.workflow.ProgressListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands take that compress a SavedModel. */
final class ModelArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "folder with saved_model.pb")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "new folder for model, weights.vqa and report.txt")
  private Path out;

  @Option(
      names = "--tags",
      paramLabel = "TAG",
      split = ",",
      defaultValue = ModelDescription.SERVE,
      description = "tags of the graph, separated by commas (default: ${DEFAULT-VALUE})")
  private Set<String> tags;

  @Option(
      names = "--signature",
      paramLabel = "KEY",
      description = "which signature (default: serving_default, or the only one)")
  private @Nullable String signature;

  @Option(
      names = "--input-shape",
      paramLabel = "INPUT=SIZES",
      description =
          "fixes the shape of an input, -1 for what stays unknown: sequence=-1,50,6. A loop over an"
              + " unknown size can be trained so")
  private @Nullable Map<String, String> inputShapes;

  @Option(
      names = "--data",
      paramLabel = "FILE.npz",
      description =
          "examples to train with: an array for each input of the signature, by its name, and"
              + " target:OUTPUT for each output with a loss (default: no training)")
  private @Nullable Path data;

  @Option(
      names = "--loss",
      paramLabel = "OUTPUT=LOSS",
      split = ",",
      description = "mse, xent_probs (of probabilities) or xent_logits; goes with --data")
  private @Nullable Map<String, String> losses;

  @Option(
      names = "--train",
      paramLabel = "REGEX",
      description =
          "which variables are trained and compressed, by whole names, frozen or not; goes with"
              + " --data (default: those that the model trains, see inspect)")
  private @Nullable String train;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "" + ModelObjective.EPOCHS,
      description = "how often each example is seen (default: ${DEFAULT-VALUE})")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "" + ModelObjective.BATCH,
      description = "examples in a step (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--rate",
      paramLabel = "X",
      defaultValue = "" + ModelObjective.RATE,
      description = "learning rate of Adam (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of all that is random (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ProgressArguments shown;

  /** Compresses a model. */
  @FunctionalInterface
  interface Job {
    CompressionReport run(
        Path model,
        FlattenOptions options,
        Optional<ModelObjective> objective,
        Path out,
        ProgressListener progress)
        throws IOException, InterruptedException;
  }

  /** Runs the job, and prints its report; Ctrl-C stops it, and nothing is written. */
  int run(Job job) throws IOException {
    Optional<ModelObjective> objective = objective();
    FlattenOptions options = options();
    return shown.run(
        progress -> {
          CompressionReport report = job.run(model, options, objective, out, progress);
          PrintWriter result = spec.commandLine().getOut();
          result.print(report);
          result.println("model, archive and report in " + out);
          result.flush();
        });
  }

  long seed() {
    return seed;
  }

  private FlattenOptions options() {
    FlattenOptions options = FlattenOptions.defaults().withTags(tags);
    if (signature != null) {
      options = options.withSignature(signature);
    }
    if (train != null) {
      options = options.withTrainable(train);
    }
    if (inputShapes != null) {
      for (Map.Entry<String, String> entry : inputShapes.entrySet()) {
        options = options.withInputShape(entry.getKey(), shape(entry.getValue()));
      }
    }
    return options;
  }

  private Shape shape(String sizes) {
    try {
      return Shape.of(
          Arrays.stream(sizes.split(",", -1))
              .map(String::strip)
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (NumberFormatException e) {
      throw new ParameterException(
          spec.commandLine(), "--input-shape must have sizes like -1,50,6, got " + sizes, e);
    }
  }

  private Optional<ModelObjective> objective() {
    if ((data == null) != (losses == null)) {
      throw new ParameterException(
          spec.commandLine(),
          data == null ? "--loss needs --data" : "--data needs --loss, OUTPUT=xent_probs say");
    }
    if (data == null && train != null) {
      throw new ParameterException(
          spec.commandLine(), "--train needs --data: without data nothing is trained");
    }
    if (data == null || losses == null) {
      return Optional.empty();
    }
    Map<String, ModelLoss> named = new LinkedHashMap<>();
    losses.forEach((output, loss) -> named.put(output, ModelLoss.named(loss)));
    return Optional.of(new ModelObjective(data, named, epochs, batch, rate, seed));
  }
}
