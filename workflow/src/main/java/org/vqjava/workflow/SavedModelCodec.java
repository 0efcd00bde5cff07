/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.tensorflow.ndarray.Shape;
import org.vqjava.layers.CodebookEncoder;

/** The signatures {@code encode} and {@code decode} of a SavedModel, of {@code vq train} or not. */
final class SavedModelCodec implements Codec {
  private final CodebookEncoder encoder;
  private final Optional<ModelInfo> info;

  private SavedModelCodec(CodebookEncoder encoder, Optional<ModelInfo> info) {
    this.encoder = encoder;
    this.info = info;
  }

  static SavedModelCodec open(Path model) throws IOException {
    Optional<ModelInfo> info = ModelInfo.read(model);
    return new SavedModelCodec(CodebookEncoder.load(model), info);
  }

  @Override
  public Shape input() {
    return encoder.inputShape();
  }

  @Override
  public Shape codes() {
    return encoder.indicesShape();
  }

  @Override
  public OptionalInt size() {
    return info.map(i -> OptionalInt.of(i.options().codes())).orElse(OptionalInt.empty());
  }

  @Override
  public OptionalInt fixedBatch() {
    return encoder.fixedBatch();
  }

  @Override
  public InputNumbers numbers() {
    return info.map(i -> new InputNumbers(true, i.scale())).orElse(InputNumbers.PLAIN);
  }

  @Override
  public int[] encode(float[] inputs) {
    return encoder.encode(inputs);
  }

  @Override
  public float[] decode(int[] codes) {
    return encoder.decode(codes);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
