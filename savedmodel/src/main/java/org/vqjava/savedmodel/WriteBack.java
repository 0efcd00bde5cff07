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
    NewFolder.checkIsOutside(directory, flat.directory());
    Checkpoint original = Checkpoint.ofModel(flat.directory());
    store.read(
        wanted,
        values -> {
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
        });
  }

  /** A link may lead to what is nobody's to copy. */
  private static void checkLink(Path file, Path folder) throws IOException {
    if (Files.isSymbolicLink(file)) {
      Path target = file.toRealPath();
      if (!target.startsWith(folder)) {
        throw new IllegalArgumentException(
            file + " must be in the model's folder, got a link to " + target);
      }
      if (Files.isDirectory(target)) {
        throw new IllegalArgumentException(
            file + " must be a file or a folder of its own, got a link to the folder " + target);
      }
    }
  }

  private void copyAllButValues(Path folder) throws IOException {
    Path from = flat.directory().toRealPath();
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path relative = from.relativize(file);
        boolean left =
            relative.startsWith(Checkpoint.FOLDER) || relative.toString().equals(FINGERPRINT);
        if (!left && !file.equals(from)) {
          checkLink(file, from);
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
