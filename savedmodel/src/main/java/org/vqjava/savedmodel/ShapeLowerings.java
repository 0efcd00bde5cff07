/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.tensorflow.proto.DataType;

/**
 * Reshapes to a shape that the graph computes get a constant one, where it follows from what is
 * known: TensorFlow's inference gives up there, and a loop behind a dense layer over time could not
 * be unrolled.
 */
final class ShapeLowerings {
  private ShapeLowerings() {}

  static void register(Map<String, Lowering> table) {
    table.put("Reshape", ShapeLowerings::reshape);
  }

  private static Value[] reshape(Site site) {
    Optional<List<OptionalLong>> sizes =
        isInferred(site) ? Optional.empty() : site.inliner().constants().partly(site.tensor(1));
    if (sizes.isEmpty() || !canBeInferred(sizes.get())) {
      return site.keep();
    }
    int[] shape = sizes.get().stream().mapToInt(size -> (int) size.orElse(-1)).toArray();
    TensorRef constant = site.constant("shape", shape);
    return Site.values(
        site.emit(
            "Reshape",
            List.of(site.tensor(0), constant),
            Map.of("T", site.attribute("T"), "Tshape", Attributes.of(DataType.DT_INT32))));
  }

  /** −1 stands for one size that is not known, and cannot be told where another is 0. */
  private static boolean canBeInferred(List<OptionalLong> sizes) {
    long open = sizes.stream().filter(size -> size.orElse(-1) < 0).count();
    boolean empty = sizes.stream().anyMatch(size -> size.orElse(-1) == 0);
    return open == 0 || (open == 1 && !empty);
  }

  private static boolean isInferred(Site site) {
    return site.graph().node(site.tensor(1).node()).getOp().equals("Const");
  }
}
