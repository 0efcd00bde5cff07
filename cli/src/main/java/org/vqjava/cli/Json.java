/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** What {@code --json} prints: one object, and nothing else, on standard output. */
final class Json {
  /** In all commands that have it. */
  static final String OPTION = "--json";

  static final String DESCRIPTION = "one JSON object on standard output in place of the text";

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  static void print(PrintWriter out, Map<String, ?> object) {
    try {
      out.println(MAPPER.writeValueAsString(object));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its sizes, -1 for one that is unknown; null if not even their number is known. */
  static @Nullable List<Long> sizes(Shape shape) {
    if (shape.isUnknown()) {
      return null;
    }
    List<Long> sizes = new ArrayList<>();
    for (long size : shape.asArray()) {
      sizes.add(size);
    }
    return sizes;
  }
}
