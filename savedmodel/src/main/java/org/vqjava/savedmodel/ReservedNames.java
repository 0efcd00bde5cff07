/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.op.Scope;
import org.tensorflow.proto.NodeDef;

/**
 * Names at the root of a graph that nodes have which are added under names of their own. TensorFlow
 * Java counts only what it names itself: without this, what a rewriting builds would take {@code
 * Const_8} before the model's own, or after it.
 */
final class ReservedNames {
  private static final Pattern NUMBERED = Pattern.compile("(.+)_(\\d{1,4})");

  private final Map<String, Integer> taken = new LinkedHashMap<>();

  private ReservedNames() {}

  static ReservedNames of(Collection<NodeDef> nodes) {
    ReservedNames names = new ReservedNames();
    for (NodeDef node : nodes) {
      String root = node.getName().replaceFirst("/.*", "");
      Matcher numbered = NUMBERED.matcher(root);
      if (numbered.matches()) {
        names.take(numbered.group(1), Integer.parseInt(numbered.group(2)) + 1);
      }
      names.take(root, 1);
    }
    return names;
  }

  private void take(String name, int count) {
    taken.merge(name, count, Math::max);
  }

  /** Counts them as if the scope had given them. */
  void in(Scope scope) {
    taken.forEach(
        (name, count) -> {
          for (int i = 0; i < count; i++) {
            scope.makeUnique(name);
          }
        });
  }
}
