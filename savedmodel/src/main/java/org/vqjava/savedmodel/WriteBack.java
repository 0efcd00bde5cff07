/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/** The original folder with a new checkpoint. */
final class WriteBack {
  /** Python keeps a hash of the checkpoint there, which is another one now. */
  private static final String FINGERPRINT = "fingerprint.pb";

  private final FlatModel flat;
  private final Map<String, Output<?>> weights;
  private final VariableStore store;

  WriteBack(FlatModel flat, Map<String, Output<?>> weights, VariableStore store) {
    this.flat = flat;
    this.weights = weights;
    this.store = store;
  }

  void to(Path directory) throws IOException {
    Set<String> rewritten = flat.replacements().keySet();
    List<String> ofVariables =
        flat.rewrittenVariables().stream().map(FlatVariable::readOf).toList();
    if (!ofVariables.containsAll(rewritten)) {
      throw new IllegalStateException(
          "the model must be exported, as the original does not compute what replaces "
              + rewritten.stream().filter(name -> !ofVariables.contains(name)).toList());
    }
    List<Output<?>> wanted = new ArrayList<>();
    flat.variables().forEach(variable -> wanted.add(weights.get(variable.name())));
    Checkpoint original = Checkpoint.ofModel(flat.directory());
    try (Result values = store.read(wanted)) {
      Map<String, Tensor> byKey = new HashMap<>();
      for (int i = 0; i < wanted.size(); i++) {
        for (String key : flat.variables().get(i).checkpointKeys()) {
          byKey.put(key, values.get(i));
        }
      }
      NewFolder.write(
          directory,
          folder -> {
            copyAllButValues(folder);
            original.copy(Files.createDirectories(folder.resolve(Checkpoint.FOLDER)), byKey);
          });
    }
  }

  private void copyAllButValues(Path folder) throws IOException {
    Path from = flat.directory();
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path relative = from.relativize(file);
        if (Files.isSymbolicLink(file) && !file.toRealPath().startsWith(from.toRealPath())) {
          throw new IllegalArgumentException(
              file + " must be in the model's folder, got a link to " + file.toRealPath());
        }
        boolean left =
            relative.startsWith(Checkpoint.FOLDER) || relative.toString().equals(FINGERPRINT);
        if (!left && !file.equals(from)) {
          Path to = folder.resolve(relative.toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(to);
          } else {
            Files.copy(file, to);
          }
        }
      }
    }
  }
}
