/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tensorflow.Session;
import org.vqjava.savedmodel.NewFolder;

/**
 * How far a training was, in a directory {@code checkpoints/step-NNNNNNN} of its run. A directory
 * of that name is whole: it is written beside and renamed.
 *
 * @param directory where it is
 * @param step the last step that was taken
 * @param replaced how many codes had been replaced
 * @param options what is trained
 */
record Checkpoint(Path directory, int step, long replaced, AutoencoderOptions options) {
  private static final String FOLDER = "checkpoints";
  private static final Pattern NAME = Pattern.compile("step-\\d{7,}");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Writes one, and then deletes those before it, and what a process that was killed left. */
  static void write(
      RunDirectory run, Session session, AutoencoderOptions options, int step, long replaced)
      throws IOException {
    Path folder = Files.createDirectories(run.path().resolve(FOLDER));
    Path target = folder.resolve(String.format(Locale.ROOT, "step-%07d", step));
    if (!Files.exists(target)) {
      Map<String, Object> state = new LinkedHashMap<>();
      state.put("step", step);
      state.put("replaced", replaced);
      state.put("options", options.byName());
      NewFolder.write(
          target,
          inner -> {
            session.save(inner.resolve("variables").toString());
            Files.write(inner.resolve("state.json"), JSON.writeValueAsBytes(state));
          });
    }
    for (Path other : entries(folder)) {
      if (!other.equals(target)) {
        Trees.delete(other);
      }
    }
  }

  /** The newest one of a run. */
  static Checkpoint newest(Path run) throws IOException {
    Path folder = run.resolve(FOLDER);
    Optional<Path> newest =
        Files.isDirectory(folder)
            ? entries(folder).stream()
                .filter(e -> NAME.matcher(String.valueOf(e.getFileName())).matches())
                .max(Comparator.naturalOrder())
            : Optional.empty();
    Path directory =
        newest.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "resume must be the directory of a run that has saved a checkpoint, got "
                        + run));
    JsonNode state = JSON.readTree(directory.resolve("state.json").toFile());
    return new Checkpoint(
        directory,
        state.path("step").intValue(),
        state.path("replaced").longValue(),
        AutoencoderOptions.ofNames(state.path("options")));
  }

  String variables() {
    return directory.resolve("variables").toString();
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}
