/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a function of the model computes with, once it is known what each of its values is. */
sealed interface Value permits TensorRef, Value.Variable, Value.TensorList, Value.Unknown {

  /**
   * A variable, where a function holds a handle of it.
   *
   * @param name of the variable in the flat graph
   */
  record Variable(String name) implements Value {}

  /**
   * A list of tensors of a loop, known one by one.
   *
   * @param elements null for one that is not written yet
   * @param unchanged the list as a tensor of the flat graph, for what cannot be followed; null once
   *     an element was set
   */
  record TensorList(List<@Nullable Value> elements, @Nullable TensorRef unchanged)
      implements Value {}

  /** What could not be lowered: nothing is computed from it, but obstacles behind it are found. */
  record Unknown() implements Value {}
}
