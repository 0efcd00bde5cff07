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

/** Checkpoints of a training, one a step; a folder of such a name is whole. */
final class StepCheckpoints {
  private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})");

  private final Path folder;

  StepCheckpoints(Path folder) {
    this.folder = Objects.requireNonNull(folder, "folder");
  }

  void save(VariableStore store, long step) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step must be at least 0, got " + step);
    }
    Path target = folder.resolve("step-" + step);
    List<Output<?>> variables = store.all();
    if (!Files.exists(target)) {
      try (Result result = store.read(variables)) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        for (Output<?> variable : variables) {
          values.put(variable.op().name(), result.get(values.size()));
        }
        NewFolder.write(target, inner -> Checkpoint.write(inner, values));
      }
    }
    for (Path other : all()) {
      if (step(other) != step) {
        NewFolder.delete(other);
      }
    }
  }

  OptionalLong restore(VariableStore store) throws IOException {
    Optional<Path> newest = all().stream().max(Comparator.comparingLong(StepCheckpoints::step));
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
    try (Result result = checkpoint.read(names)) {
      Map<String, Tensor> values = new LinkedHashMap<>();
      names.forEach(name -> values.put(name, result.get(values.size())));
      store.write(values);
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
}
