/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * Checkpoints of a training, one a step; a folder of such a name is whole. A step that is saved
 * again gets a number behind it, so that the one before is there until the new one is.
 */
final class StepCheckpoints {
  private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})(?:-(\\d{1,9}))?");

  private final Path folder;

  StepCheckpoints(Path folder) {
    this.folder = Objects.requireNonNull(folder, "folder");
  }

  void save(VariableStore store, long step) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step must be at least 0, got " + step);
    }
    List<Path> before = all();
    Path target = folder.resolve("step-" + step + again(before, step));
    List<Output<?>> variables = store.all();
    store.read(
        variables,
        values -> {
          Map<String, Tensor> byName = new LinkedHashMap<>();
          variables.forEach(v -> byName.put(v.op().name(), values.get(byName.size())));
          NewFolder.write(target, inner -> Checkpoint.write(inner, byName));
        });
    for (Path other : before) {
      NewFolder.delete(other);
    }
  }

  private static String again(List<Path> before, long step) {
    return before.stream()
        .filter(path -> step(path) == step)
        .max(Comparator.comparingInt(StepCheckpoints::time))
        .map(newest -> "-" + (time(newest) + 1))
        .orElse("");
  }

  OptionalLong restore(VariableStore store) throws IOException {
    Optional<Path> newest =
        all().stream()
            .max(
                Comparator.comparingLong(StepCheckpoints::step)
                    .thenComparingInt(StepCheckpoints::time));
    if (newest.isEmpty()) {
      return OptionalLong.empty();
    }
    Checkpoint checkpoint = Checkpoint.in(newest.get());
    List<Output<?>> variables = store.all();
    List<String> names = variables.stream().map(variable -> variable.op().name()).toList();
    for (Output<?> variable : variables) {
      checkpoint.checkHolds(
          variable.op().name(), Types.valueType(variable.dataType()), variable.shape());
    }
    if (!names.isEmpty()) {
      try (Result result = checkpoint.read(names)) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        names.forEach(name -> values.put(name, result.get(values.size())));
        store.write(values);
      }
    }
    return OptionalLong.of(step(newest.get()));
  }

  private List<Path> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(entry -> step(entry) >= 0).toList();
    }
  }

  /** −1 for what is no checkpoint. */
  private static long step(Path entry) {
    Matcher matcher = NAME.matcher(String.valueOf(entry.getFileName()));
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /** The how manieth saving of the step it is. */
  private static int time(Path entry) {
    Matcher matcher = NAME.matcher(String.valueOf(entry.getFileName()));
    return matcher.matches() && matcher.group(2) != null ? Integer.parseInt(matcher.group(2)) : 1;
  }
}
