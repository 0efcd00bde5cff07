/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Map;
import java.util.Set;

/** Look-up tables stay; what fills them is run once. */
final class TableLowerings {
  static final Set<String> FILLS =
      Set.of("LookupTableImportV2", "LookupTableInsertV2", "InitializeTableV2");

  private TableLowerings() {}

  static void register(Map<String, Lowering> table) {
    for (String type : FILLS) {
      table.put(type, Site::keepWithEffect);
    }
    table.put(
        "InitializeTableFromTextFileV2",
        site -> {
          throw new Refusal(
              "its table is filled from a file",
              "give the vocabulary to the layer as a list, which is saved in the graph");
        });
  }
}
