/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a SavedModel of {@code vq train} does not tell by itself: with what it was trained. It is in
 * the folder {@code assets.extra}, which TensorFlow leaves to whoever writes a model.
 *
 * @param options with which it was trained
 * @param scale which numbers of the training images became 0 and 1, if their type did not tell
 */
record ModelInfo(AutoencoderOptions options, Optional<PixelScale> scale) {
  private static final String FILE = "assets.extra/vq.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  void write(Path model) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("options", options.byName());
    scale.ifPresent(s -> root.put("numbers", Map.of("low", s.low(), "high", s.high())));
    Path file = model.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.write(file, JSON.writeValueAsBytes(root));
  }

  /** Of a model of {@code vq train}; others have none. */
  static Optional<ModelInfo> read(Path model) throws IOException {
    Path file = model.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode root = JSON.readTree(file.toFile());
      return Optional.of(
          new ModelInfo(
              AutoencoderOptions.ofNames(root.path("options")),
              Optional.ofNullable(root.get("numbers"))
                  .map(n -> new PixelScale(n.path("low").asDouble(), n.path("high").asDouble()))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + " must be what vq train wrote: " + e.getMessage(), e);
    }
  }
}
