/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Map;
import java.util.Objects;

/**
 * A layer, as a plan tells it from others.
 *
 * @param name its name, {@code encoder.fc1} say
 * @param type its kind, {@code Linear}, {@code Conv2d}, {@code Embedding} say
 * @param features what a configuration may ask for, as text: {@code kernel_size} → {@code (3, 3)}
 */
public record Layer(String name, String type, Map<String, String> features) {
  /**
   * Copies the features.
   *
   * @param name its name
   * @param type its kind
   * @param features what a configuration may ask for
   */
  public Layer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    features = Map.copyOf(features);
  }
}
