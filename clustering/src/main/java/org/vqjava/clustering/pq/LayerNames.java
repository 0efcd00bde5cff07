/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.List;
import java.util.regex.Pattern;

/** Names of layers from names of parameters. */
public final class LayerNames {
  private LayerNames() {}

  /**
   * The layers whose name begins with what an expression matches.
   *
   * <p>Parameters with {@code bias} in their name are left out; {@code .weight_orig}, then {@code
   * .weights} if asked for, then {@code .weight} is removed, wherever it stands. A {@code module.}
   * before the match is allowed. As it is the beginning that must match, {@code layers\.1} matches
   * {@code layers.10} too.
   *
   * @param parameters names of parameters
   * @param expression a regular expression
   * @param removeWeights whether {@code .weights} is removed
   * @return names of layers, in the order of the parameters
   */
  public static List<String> matching(
      List<String> parameters, String expression, boolean removeWeights) {
    Pattern pattern = Pattern.compile("(module\\.)?(" + expression + ")");
    return parameters.stream()
        .filter(name -> !name.contains("bias"))
        .map(name -> of(name, removeWeights))
        .filter(name -> pattern.matcher(name).lookingAt())
        .toList();
  }

  private static String of(String parameter, boolean removeWeights) {
    String name = parameter.replace(".weight_orig", "");
    return (removeWeights ? name.replace(".weights", "") : name).replace(".weight", "");
  }
}
