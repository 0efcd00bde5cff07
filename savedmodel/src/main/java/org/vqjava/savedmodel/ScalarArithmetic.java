/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongBinaryOperator;

/** What TensorFlow computes of single whole numbers and truth values, these being 1 and 0. */
final class ScalarArithmetic {
  private static final Map<String, LongBinaryOperator> BINARY =
      Map.ofEntries(
          Map.entry("Add", Long::sum),
          Map.entry("AddV2", Long::sum),
          Map.entry("Sub", (x, y) -> x - y),
          Map.entry("Mul", (x, y) -> x * y),
          Map.entry("Maximum", Math::max),
          Map.entry("Minimum", Math::min),
          Map.entry("Less", (x, y) -> x < y ? 1 : 0),
          Map.entry("LessEqual", (x, y) -> x <= y ? 1 : 0),
          Map.entry("Greater", (x, y) -> x > y ? 1 : 0),
          Map.entry("GreaterEqual", (x, y) -> x >= y ? 1 : 0),
          Map.entry("LogicalAnd", (x, y) -> x & y),
          Map.entry("LogicalOr", (x, y) -> x | y));

  private ScalarArithmetic() {}

  static boolean has(String type) {
    return BINARY.containsKey(type) || type.equals("LogicalNot") || type.equals("Identity");
  }

  /** The result, where the type is one of these. */
  static OptionalLong apply(String type, List<Long> inputs) {
    LongBinaryOperator binary = BINARY.get(type);
    if (binary != null && inputs.size() == 2) {
      return OptionalLong.of(binary.applyAsLong(inputs.get(0), inputs.get(1)));
    }
    if (inputs.size() == 1 && type.equals("LogicalNot")) {
      return OptionalLong.of(1 - inputs.get(0));
    }
    return inputs.size() == 1 && type.equals("Identity")
        ? OptionalLong.of(inputs.get(0))
        : OptionalLong.empty();
  }
}
