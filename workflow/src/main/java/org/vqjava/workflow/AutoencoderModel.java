/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.savedmodel.NewFolder;

/**
 * A trained autoencoder as a SavedModel with three signatures: {@code encode} (images → indices),
 * {@code decode} (indices → images), {@code reconstruct} (images → images).
 */
final class AutoencoderModel implements AutoCloseable {
  private final SavedModelBundle bundle;

  private AutoencoderModel(SavedModelBundle bundle) {
    this.bundle = bundle;
  }

  /**
   * Saves what a session has trained, whole or not at all, in place of what was there. The model is
   * built anew, without gradients and optimizer, and takes its values from a checkpoint.
   */
  static void save(Session trained, ModelInfo info, ImageFormat format, Path directory)
      throws IOException {
    if (!Files.exists(directory)) {
      NewFolder.write(directory, folder -> export(trained, info, format, folder));
      return;
    }
    Path next = directory.resolveSibling(directory.getFileName() + ".next");
    Trees.delete(next); // of a process that was killed
    NewFolder.write(next, folder -> export(trained, info, format, folder));
    Trees.delete(directory);
    Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void export(Session trained, ModelInfo info, ImageFormat format, Path folder)
      throws IOException {
    Path checkpoint = Files.createTempDirectory(folder, "checkpoint");
    try (Graph graph = new Graph()) {
      trained.save(checkpoint.resolve("variables").toString());
      Autoencoder model = new Autoencoder(graph, info.options(), format);
      try (Session session = new Session(graph)) {
        session.restore(checkpoint.resolve("variables").toString());
        SavedModelBundle.exporter(folder.toString())
            .withSession(session)
            .withSignatures(
                Signature.builder("encode")
                    .input("images", model.images)
                    .output("indices", model.bottleneck.indices())
                    .build(),
                Signature.builder("decode")
                    .input("indices", model.indices)
                    .output("images", model.decoded)
                    .build(),
                Signature.builder("reconstruct")
                    .input("images", model.images)
                    .output("images", model.reconstruction)
                    .build())
            .export();
        info.write(folder);
      }
    } finally {
      Trees.delete(checkpoint);
    }
  }

  static AutoencoderModel load(Path directory) {
    return new AutoencoderModel(SavedModelBundle.load(directory.toString()));
  }

  int[] encode(ImageSet images) {
    try (TFloat32 fed = images.all();
        var result = bundle.function("encode").call(Map.of("images", fed))) {
      TInt32 indices = (TInt32) result.get(0);
      int[] values = new int[Math.toIntExact(indices.shape().size())];
      indices.asRawTensor().data().asInts().read(values);
      return values;
    }
  }

  ImageSet decode(int[] indices, Shape positions, ImageFormat format) {
    try (TInt32 fed = indices(indices, positions);
        var result = bundle.function("decode").call(Map.of("indices", fed))) {
      return images(result.get(0), format);
    }
  }

  ImageSet reconstruct(ImageSet images) {
    try (TFloat32 fed = images.all();
        var result = bundle.function("reconstruct").call(Map.of("images", fed))) {
      return images(result.get(0), images.format());
    }
  }

  /** Indices of as many images as they are enough for; the caller closes the tensor. */
  static TInt32 indices(int[] indices, Shape positions) {
    long images = indices.length / positions.tail().size();
    return TInt32.tensorOf(positions.tail().prepend(images), DataBuffers.of(indices));
  }

  static ImageSet images(Tensor tensor, ImageFormat format) {
    return new ImageSet(pixels(tensor), format);
  }

  static float[] pixels(Tensor tensor) {
    float[] pixels = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(pixels);
    return pixels;
  }

  @Override
  public void close() {
    bundle.close();
  }
}
