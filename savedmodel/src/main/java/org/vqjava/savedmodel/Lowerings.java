/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.LinkedHashMap;
import java.util.Map;

/** Type of an operation → how it is lowered; what is not in it stays as it is. */
final class Lowerings {
  private static final Map<String, Lowering> ALL = all();

  private Lowerings() {}

  static Map<String, Lowering> byType() {
    return ALL;
  }

  private static Map<String, Lowering> all() {
    Map<String, Lowering> table = new LinkedHashMap<>();
    VariableLowerings.register(table);
    ListLowerings.register(table);
    FlowLowerings.register(table);
    GradientLowerings.register(table);
    RandomLowerings.register(table);
    ShapeLowerings.register(table);
    TableLowerings.register(table);
    ConvolutionLowerings.register(table);
    LayoutLowerings.register(table);
    return Map.copyOf(table);
  }
}
