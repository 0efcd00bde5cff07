/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;
import org.vqjava.savedmodel.CheckpointIndex;
import org.vqjava.savedmodel.DistinctValues;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.Obstacle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq inspect}. */
@Command(
    name = "inspect",
    description = {
      "Tells what is in a SavedModel: signatures, variables with the number of different values,"
          + " operations, and what stands in the way of training it further.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Inspect implements Callable<Integer> {
  private static final int OPERATIONS_SHOWN = 12;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "folder with saved_model.pb")
  private Path model;

  @Option(
      names = "--tags",
      paramLabel = "TAG",
      split = ",",
      defaultValue = ModelDescription.SERVE,
      description = "tags of the graph, separated by commas (default: ${DEFAULT-VALUE})")
  private Set<String> tags;

  @Option(
      names = "--no-values",
      description = "does not read the checkpoint: no values are counted")
  private boolean withoutValues;

  @Option(names = "--checkpoint", description = "lists what is in the checkpoint, key by key")
  private boolean withCheckpoint;

  @Option(names = Json.OPTION, description = Json.DESCRIPTION)
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelDescription description = ModelDescription.read(model, tags);
    if (!withoutValues) {
      Notices.keepOff();
    }
    Map<String, Integer> values = withoutValues ? Map.of() : DistinctValues.of(description);
    Optional<CheckpointIndex> checkpoint = checkpoint();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Json.print(out, InspectJson.of(model, description, values, checkpoint, withCheckpoint));
      return 0;
    }
    for (ModelDescription.Signature signature : description.signatures()) {
      print(out, signature);
    }
    out.print(variables(description, values));
    checkpoint.ifPresent(index -> print(out, index));
    out.flush();
    return 0;
  }

  private Optional<CheckpointIndex> checkpoint() throws IOException {
    boolean read = !withoutValues || withCheckpoint;
    Path variables = model.resolve("variables");
    return read && Files.exists(variables.resolve("variables.index"))
        ? Optional.of(CheckpointIndex.read(variables.resolve("variables")))
        : Optional.empty();
  }

  private static void print(PrintWriter out, ModelDescription.Signature signature) {
    out.println("signature " + signature.name());
    Columns arguments = new Columns("", "name", "type", "shape");
    for (ModelDescription.Argument input : signature.inputs()) {
      arguments.row("  input", input.name(), input.type(), shape(input.shape()));
    }
    for (ModelDescription.Argument output : signature.outputs()) {
      arguments.row("  output", output.name(), output.type(), shape(output.shape()));
    }
    out.print(arguments);
    List<Map.Entry<String, Integer>> operations =
        signature.operations().entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .toList();
    out.println(
        "  "
            + operations.stream().mapToInt(Map.Entry::getValue).sum()
            + " operations: "
            + operations.stream()
                .limit(OPERATIONS_SHOWN)
                .map(o -> o.getKey() + " " + o.getValue())
                .collect(Collectors.joining(", "))
            + (operations.size() > OPERATIONS_SHOWN ? ", .." : ""));
    if (!signature.random().isEmpty()) {
      out.println(
          "  random, no gradient passes it: "
              + signature.random().entrySet().stream()
                  .map(o -> o.getKey() + " " + o.getValue())
                  .collect(Collectors.joining(", ")));
    }
    for (Obstacle obstacle : signature.obstacles()) {
      out.println(
          "  cannot be trained further: "
              + obstacle.operation()
              + " at "
              + obstacle.node()
              + ": "
              + obstacle.reason()
              + "; "
              + obstacle.remedy());
    }
    out.println();
  }

  private void print(PrintWriter out, CheckpointIndex checkpoint) {
    List<CheckpointIndex.Entry> entries = checkpoint.entries();
    long bytes = entries.stream().mapToLong(CheckpointIndex.Entry::size).sum();
    out.println();
    out.printf(Locale.ROOT, "checkpoint: %,d tensors, %,d bytes%n", entries.size(), bytes);
    if (withCheckpoint) {
      Columns columns = new Columns("key", "type", "shape", "bytes");
      for (CheckpointIndex.Entry entry : entries) {
        columns.row(
            entry.key(),
            entry.typeName(),
            shape(entry.shape()),
            entry.partitioned() ? "in parts" : String.format(Locale.ROOT, "%,d", entry.size()));
      }
      out.print(columns);
    }
  }

  private static String shape(Shape shape) {
    return shape.isUnknown() ? "unknown" : shape.toString();
  }

  private static Columns variables(ModelDescription description, Map<String, Integer> values) {
    Columns columns = new Columns("variable", "type", "shape", "numbers", "different", "");
    long sum = 0;
    List<ModelDescription.Variable> sorted =
        description.variables().stream()
            .sorted(Comparator.comparing(ModelDescription.Variable::name))
            .toList();
    for (ModelDescription.Variable variable : sorted) {
      sum += variable.size();
      Integer different = values.get(variable.name());
      columns.row(
          variable.name(),
          variable.type(),
          shape(variable.shape()),
          String.format(Locale.ROOT, "%,d", variable.size()),
          different == null ? "" : String.format(Locale.ROOT, "%,d", different),
          variable.trainable() ? "" : "frozen");
    }
    columns.row("sum", "", "", String.format(Locale.ROOT, "%,d", sum), "", "");
    return columns;
  }
}
