/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, of bounded length, each once. */
final class Query {
  static final int LONGEST = 1024;

  private final Map<String, String> values = new HashMap<>();

  Query(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return;
    }
    if (raw.length() > LONGEST) {
      throw new IllegalArgumentException(
          "query must have at most " + LONGEST + " characters, got " + raw.length());
    }
    for (String part : raw.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "" : part.substring(equals + 1);
      if (values.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8)) != null) {
        throw new IllegalArgumentException("query must have each parameter once, got two");
      }
    }
  }

  @Nullable String get(String name) {
    return values.get(name);
  }

  String need(String name) {
    String value = values.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(name + " must be given");
    }
    return value;
  }

  int number(String name, int fallback, int least, int most) {
    String value = values.get(name);
    return value == null ? fallback : (int) Check.between(name, least, most, parse(name, value));
  }

  long step() {
    String value = values.get("step");
    return value == null ? Long.MAX_VALUE : parse("step", value);
  }

  private static long parse(String name, String value) {
    if (!value.matches("-?\\d{1,18}")) {
      throw new IllegalArgumentException(name + " must be a whole number");
    }
    return Long.parseLong(value);
  }
}
