/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

/**
 * An output of a node.
 *
 * @param node its name
 * @param index which of its outputs
 */
record TensorRef(String node, int index) implements Value {

  /** Of {@code node}, {@code node:1}, or a control input {@code ^node}. */
  static TensorRef parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      return new TensorRef(nodeOf(text), 0);
    }
    try {
      int index = Integer.parseInt(text.substring(colon + 1));
      if (index >= 0) {
        return new TensorRef(nodeOf(text), index);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException("a tensor must be named node:index, got " + text);
  }

  /** The node of an input, as graphs and functions write it. */
  static String nodeOf(String text) {
    int start = isControl(text) ? 1 : 0;
    int colon = text.indexOf(':');
    return colon < 0 ? text.substring(start) : text.substring(start, colon);
  }

  static boolean isControl(String input) {
    return input.startsWith("^");
  }

  @Override
  public String toString() {
    return index == 0 ? node : node + ":" + index;
  }
}
