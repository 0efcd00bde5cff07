/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Folders of models with figures: those of the test resources, or of {@code -Dmodels.dir=DIR}. */
final class ModelFolders {
  private ModelFolders() {}

  static List<Path> cases() throws IOException {
    String elsewhere = System.getProperty("models.dir");
    if (elsewhere != null
        && !(Path.of(elsewhere).isAbsolute() && Files.isDirectory(Path.of(elsewhere)))) {
      throw new IllegalArgumentException(
          "models.dir must be an absolute path of a directory, got " + elsewhere);
    }
    try (Stream<Path> folders = Files.list(elsewhere == null ? recorded() : Path.of(elsewhere))) {
      return folders.filter(folder -> Files.exists(folder.resolve("case.json"))).sorted().toList();
    }
  }

  private static Path recorded() {
    try {
      return Path.of(
          Objects.requireNonNull(ModelFolders.class.getResource("/models"), "models").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** A recorded model. */
  static Path model(String name) {
    return recorded().resolve(name).resolve("model");
  }
}
