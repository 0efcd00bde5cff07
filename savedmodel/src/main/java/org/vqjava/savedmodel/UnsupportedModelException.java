/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.stream.Collectors;

/** A model that cannot be made a flat graph, with all that stands in the way. */
public final class UnsupportedModelException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final transient List<Obstacle> obstacles;

  UnsupportedModelException(String signature, List<Obstacle> obstacles) {
    super(
        "signature "
            + signature
            + " must be one that can be trained further, got"
            + obstacles.stream()
                .map(
                    o ->
                        "\n  "
                            + o.operation()
                            + " at "
                            + o.node()
                            + ": "
                            + o.reason()
                            + "; "
                            + o.remedy())
                .collect(Collectors.joining()));
    this.obstacles = List.copyOf(obstacles);
  }

  /**
   * What stands in the way.
   *
   * @return all of it, each with its place, the reason and what can be done
   */
  public List<Obstacle> obstacles() {
    return obstacles;
  }
}
