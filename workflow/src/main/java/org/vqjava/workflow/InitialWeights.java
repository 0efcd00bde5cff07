/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.vqjava.savedmodel.CheckpointIndex;

/** The weights of a model that a training starts from. */
final class InitialWeights {
  private final Path model;
  private final CheckpointIndex index;
  private final Optional<ModelInfo> info;

  private InitialWeights(Path model, CheckpointIndex index, Optional<ModelInfo> info) {
    this.model = model;
    this.index = index;
    this.info = info;
  }

  /** Finds them in the folder of a run, or a SavedModel; their values stay where they are. */
  static InitialWeights of(Path path) throws IOException {
    Path model = ModelFolder.savedModel("init-from", path);
    Path variables = model.resolve("variables").resolve("variables");
    if (!Files.exists(model.resolve("variables").resolve("variables.index"))) {
      throw new IllegalArgumentException(
          "init-from must be a model with variables, got " + model + ", which has none");
    }
    return new InitialWeights(model, CheckpointIndex.read(variables), ModelInfo.read(model));
  }

  /** What the files of the values begin with. */
  String prefix() {
    return model.resolve("variables").resolve("variables").toString();
  }

  /** The defaults, as far as the model tells them: its sizes, and how it looks up. */
  AutoencoderOptions usual() {
    AutoencoderOptionsBuilder usual = new AutoencoderOptionsBuilder();
    info.map(ModelInfo::options)
        .ifPresent(o -> usual.quantizer(o.quantizer()).mode(o.mode()).pca(o.pca()));
    Optional<Shape> codebook = shape(Autoencoder.CODEBOOK, 2);
    codebook.ifPresent(s -> usual.codes((int) s.get(0)).width((int) s.get(1)));
    Optional<Shape> latent = shape(Autoencoder.LATENT_KERNEL, 4);
    if (codebook.isPresent() && latent.isPresent()) {
      usual.splits((int) Math.max(1, latent.get().get(3) / codebook.get().get(1)));
    }
    return usual.build();
  }

  private Optional<Shape> shape(String name, int rank) {
    return index
        .find(name)
        .map(CheckpointIndex.Entry::shape)
        .filter(s -> s.numDimensions() == rank && s.size() > 0 && s.size() < Integer.MAX_VALUE);
  }

  /**
   * Checks that there is a value for each variable.
   *
   * @throws IllegalArgumentException if there is not; the message tells of all
   */
  void check(Map<String, Shape> variables) {
    List<String> faults = new ArrayList<>();
    variables.forEach(
        (name, shape) -> {
          Optional<CheckpointIndex.Entry> entry = index.find(name);
          if (entry.isEmpty()) {
            faults.add(name + " " + shape + ", got none");
          } else if (!entry.get().shape().equals(shape)) {
            faults.add(name + " " + shape + ", got " + entry.get().shape());
          } else if (entry.get().type() != DataType.DT_FLOAT) {
            faults.add(name + " of float32, got " + entry.get().typeName());
          }
        });
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(
          "init-from must be a model whose weights fit the options and the images, got "
              + model
              + ", which must have: "
              + String.join("; ", faults));
    }
  }
}
