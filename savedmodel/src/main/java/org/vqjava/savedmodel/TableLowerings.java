/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;

/** Look-up tables stay; what fills them is run once. */
final class TableLowerings {
  static final String FILL_FROM_FILE = "InitializeTableFromTextFileV2";

  private static final Set<String> FILLS =
      Set.of("LookupTableImportV2", "LookupTableInsertV2", "InitializeTableV2", FILL_FROM_FILE);

  private TableLowerings() {}

  static void register(Map<String, Lowering> table) {
    FILLS.forEach(type -> table.put(type, Site::keepWithEffect));
    for (String type :
        List.of(
            "MutableHashTable",
            "MutableHashTableV2",
            "MutableHashTableOfTensors",
            "MutableHashTableOfTensorsV2",
            "MutableDenseHashTable",
            "MutableDenseHashTableV2")) {
      table.put(type, TableLowerings::refuseMutable);
    }
  }

  private static Value[] refuseMutable(Site site) {
    throw new Refusal(
        "its table may change, and is kept in the checkpoint like a variable",
        "look up in a table that does not change, tf.lookup.StaticHashTable, whose entries are"
            + " saved in the graph");
  }

  static boolean isTable(NodeDef node) {
    return node.getOp().equals("HashTableV2") || node.getOp().equals("HashTable");
  }

  static boolean isFill(NodeDef node) {
    return FILLS.contains(node.getOp());
  }

  /** A file of the model's assets stays behind when the graph is exported. */
  static Refusal filledFromFile() {
    return new Refusal(
        "its table is filled from a file",
        "give the vocabulary to the layer as a list, which is saved in the graph");
  }
}
