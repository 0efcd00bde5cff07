/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vqjava.savedmodel.CheckpointIndex;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.Obstacle;

/** What {@code vq inspect --json} prints; the guide's page on the command line describes it. */
final class InspectJson {
  private InspectJson() {}

  static Map<String, Object> of(
      Path model,
      ModelDescription description,
      Map<String, Integer> values,
      Optional<CheckpointIndex> checkpoint,
      boolean entries) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("model", model.toString());
    root.put("signatures", description.signatures().stream().map(InspectJson::signature).toList());
    root.put(
        "variables",
        description.variables().stream().map(v -> variable(v, values.get(v.name()))).toList());
    root.put("checkpoint", checkpoint.map(index -> checkpoint(index, entries)).orElse(null));
    return root;
  }

  private static Map<String, Object> signature(ModelDescription.Signature signature) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("name", signature.name());
    named.put("inputs", signature.inputs().stream().map(InspectJson::argument).toList());
    named.put("outputs", signature.outputs().stream().map(InspectJson::argument).toList());
    named.put("operations", new TreeMap<>(signature.operations()));
    named.put("obstacles", signature.obstacles().stream().map(InspectJson::obstacle).toList());
    return named;
  }

  private static Map<String, Object> argument(ModelDescription.Argument argument) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("name", argument.name());
    named.put("type", argument.type());
    named.put("shape", Json.sizes(argument.shape()));
    return named;
  }

  private static Map<String, Object> obstacle(Obstacle obstacle) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("operation", obstacle.operation());
    named.put("node", obstacle.node());
    named.put("reason", obstacle.reason());
    named.put("remedy", obstacle.remedy());
    return named;
  }

  private static Map<String, Object> variable(
      ModelDescription.Variable variable, @Nullable Integer different) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("name", variable.name());
    named.put("type", variable.type());
    named.put("shape", Json.sizes(variable.shape()));
    named.put("numbers", variable.size());
    named.put("different", different);
    return named;
  }

  private static Map<String, Object> checkpoint(CheckpointIndex index, boolean entries) {
    Map<String, Object> named = new LinkedHashMap<>();
    List<CheckpointIndex.Entry> all = index.entries();
    named.put("tensors", all.size());
    named.put("bytes", all.stream().mapToLong(CheckpointIndex.Entry::size).sum());
    if (entries) {
      named.put("entries", all.stream().map(InspectJson::entry).toList());
    }
    return named;
  }

  private static Map<String, Object> entry(CheckpointIndex.Entry entry) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("key", entry.key());
    named.put("type", entry.typeName());
    named.put("shape", Json.sizes(entry.shape()));
    named.put("bytes", entry.partitioned() ? null : entry.size());
    return named;
  }
}
