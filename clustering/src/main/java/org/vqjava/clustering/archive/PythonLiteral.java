/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Python's {@code ast.literal_eval} reads, as far as headers of NumPy have it: dictionaries,
 * lists, tuples, strings, whole numbers, also Python 2's with an L, truth values and None.
 */
final class PythonLiteral {
  /** A header is flat; what is deeper is an attack on the stack. */
  private static final int DEEPEST = 32;

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** A tuple; a list is a {@link List}. */
  record Tuple(List<@Nullable Object> items) {}

  /**
   * Reads a text.
   *
   * @return a map, list, {@link Tuple}, string, {@link BigInteger}, boolean, or null for None
   * @throws IllegalArgumentException if it is something else
   */
  static @Nullable Object parse(String text) {
    PythonLiteral literal = new PythonLiteral(text);
    Object value = literal.value(0);
    literal.blanks();
    if (literal.at < text.length()) {
      throw literal.unexpected();
    }
    return value;
  }

  private @Nullable Object value(int depth) {
    blanks();
    if (depth > DEEPEST) {
      throw unexpected();
    }
    char c = peek();
    if (c == '{') {
      return dictionary(depth);
    }
    if (c == '[') {
      at++;
      List<@Nullable Object> items = new ArrayList<>();
      items(']', items, depth);
      return items;
    }
    if (c == '(') {
      at++;
      List<@Nullable Object> items = new ArrayList<>();
      boolean comma = items(')', items, depth);
      return items.size() == 1 && !comma ? items.get(0) : new Tuple(items);
    }
    if (c == '-' || Character.isDigit(c)) {
      return number();
    }
    return c == '\'' || c == '"' ? strings() : word();
  }

  private Map<@Nullable Object, @Nullable Object> dictionary(int depth) {
    at++;
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    while (!taken('}')) {
      Object key = value(depth + 1);
      expect(':');
      map.put(key, value(depth + 1));
      if (!taken(',')) {
        expect('}');
        break;
      }
    }
    return map;
  }

  /** Up to the closing bracket; true if a comma stood before it. */
  private boolean items(char close, List<@Nullable Object> items, int depth) {
    boolean comma = false;
    while (!taken(close)) {
      items.add(value(depth + 1));
      comma = taken(',');
      if (!comma) {
        expect(close);
        break;
      }
    }
    return comma;
  }

  private BigInteger number() {
    int start = at;
    taken('-');
    while (Character.isDigit(peek()) || peek() == '_') {
      at++;
    }
    String digits = text.substring(start, at).replace("_", "");
    if (peek() == 'L') {
      at++;
    }
    if (Character.isLetterOrDigit(peek()) || peek() == '.' || digits.length() > 40) {
      throw unexpected();
    }
    try {
      return new BigInteger(digits);
    } catch (NumberFormatException e) {
      throw unexpected();
    }
  }

  /** Strings that stand side by side are one. */
  private String strings() {
    StringBuilder all = new StringBuilder();
    while (peek() == '\'' || peek() == '"') {
      string(all);
      blanks();
    }
    return all.toString();
  }

  private void string(StringBuilder out) {
    char quote = text.charAt(at++);
    while (peek() != quote) {
      char c = peek();
      if (c == 0 || c == '\n') {
        throw unexpected();
      }
      at++;
      // An escape stands for itself: it is in the names of fields, and those are only shown.
      out.append(c);
      if (c == '\\' && peek() != 0) {
        out.append(text.charAt(at++));
      }
    }
    at++;
  }

  private @Nullable Object word() {
    int start = at;
    while (Character.isLetter(peek())) {
      at++;
    }
    String word = text.substring(start, at);
    boolean prefix = word.length() == 1 && "uUrR".contains(word);
    if (prefix && (peek() == '\'' || peek() == '"')) {
      return strings();
    }
    return switch (word) {
      case "True" -> true;
      case "False" -> false;
      case "None" -> null;
      default -> {
        at = start;
        throw unexpected();
      }
    };
  }

  private boolean taken(char c) {
    blanks();
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) {
    if (!taken(c)) {
      throw unexpected();
    }
  }

  private void blanks() {
    while (" \t\r\n\f".indexOf(peek()) >= 0) {
      at++;
    }
  }

  /** The next character, 0 at the end. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException(
        at < text.length()
            ? "unexpected '" + text.charAt(at) + "' at character " + at
            : "cut short");
  }
}
