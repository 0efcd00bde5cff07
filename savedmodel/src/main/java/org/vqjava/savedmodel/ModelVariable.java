/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * A variable of a flat model.
 *
 * @param name as the graph has it: the layer's and the weight's, where Keras wrote it
 * @param type of its numbers
 * @param shape known in all sizes
 * @param trainable whether it is trained: whoever saved the model did so, or {@link
 *     FlattenOptions#withTrainable} names it; no layer of it is frozen, it is no state
 * @param checkpointKeys where the checkpoint holds it: the one that the graph restores, then
 *     further copies, of which Keras 3 writes one; empty if it holds it nowhere
 */
public record ModelVariable(
    String name, DataType type, Shape shape, boolean trainable, List<String> checkpointKeys) {
  /**
   * Copies the keys.
   *
   * @param name as the graph has it
   * @param type of its numbers
   * @param shape known in all sizes
   * @param trainable whether it is trained
   * @param checkpointKeys where the checkpoint holds it
   */
  public ModelVariable {
    checkpointKeys = List.copyOf(checkpointKeys);
  }

  boolean isFloating() {
    return Types.isFloating(type);
  }
}
