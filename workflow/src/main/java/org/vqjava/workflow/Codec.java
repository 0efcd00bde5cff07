/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.tensorflow.ndarray.Shape;

/** Turns inputs into codes and codes into what they stand for, whatever kind of model does it. */
interface Codec extends AutoCloseable {
  /**
   * Opens a model: the one place that knows which kinds there are.
   *
   * @throws IllegalArgumentException if it is of none
   */
  static Codec open(Path model) throws IOException {
    return SavedModelCodec.open(ModelFolder.savedModel("model", model));
  }

  /** The shape of one input. */
  Shape input();

  /** The shape of the codes of one input, empty if it is one code. */
  Shape codes();

  /** K, how many codes there are, if the model tells. */
  OptionalInt size();

  /** How many inputs it takes at a time, if it takes no other number. */
  OptionalInt fixedBatch();

  /** From the numbers of a file to those that the model takes. */
  InputNumbers numbers();

  /** Encodes as many inputs as there are numbers for. */
  int[] encode(float[] inputs);

  /** Decodes. */
  float[] decode(int[] codes);

  @Override
  void close();
}
