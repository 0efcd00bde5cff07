/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a model is, told by what is there: the one place that knows what a model may be. */
final class ModelFolder {
  private static final String SAVED_MODEL = "saved_model.pb";
  private static final int SHOWN = 5;

  private ModelFolder() {}

  /**
   * The SavedModel that a path leads to.
   *
   * @param name of what was given, for messages
   * @param path the folder of a run, or a SavedModel
   * @throws IllegalArgumentException if it is neither; the message says what there is
   */
  static Path savedModel(String name, Path path) throws IOException {
    Path ofRun = path.resolve(TrainingReport.MODEL);
    for (Path candidate : new Path[] {path, ofRun}) {
      if (Files.isRegularFile(candidate.resolve(SAVED_MODEL))) {
        return candidate;
      }
    }
    throw new IllegalArgumentException(
        name
            + " must be the folder of a run that came to its end, or a SavedModel, got "
            + path
            + ", "
            + contents(path));
  }

  private static String contents(Path path) throws IOException {
    if (!Files.exists(path)) {
      return "which does not exist";
    }
    if (!Files.isDirectory(path)) {
      return "which is a file";
    }
    try (Stream<Path> entries = Files.list(path)) {
      String names =
          entries
              .map(entry -> String.valueOf(entry.getFileName()))
              .sorted()
              .limit(SHOWN)
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "which is empty" : "with " + names;
    }
  }
}
