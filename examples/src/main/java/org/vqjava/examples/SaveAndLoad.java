/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookEncoder;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;

/** Saves a layer as a SavedModel, encodes and decodes with it, and finds the codebook in it. */
public final class SaveAndLoad {
  private SaveAndLoad() {}

  /**
   * Prints indices, decoded vectors and codes.
   *
   * @param arguments none
   * @throws IOException if the model cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path model = Files.createTempDirectory("vq").resolve("model");
    save(model);
    encode(model);
    find(model);
  }

  private static void save(Path model) throws IOException {
    // region save
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      var codes = CodebookInitializer.constant(new float[] {0, 0, 1, 1, 5, 5});
      var codebook = Codebook.create(tf, "codebook", 3, 2, codes);
      var options = VqOptions.defaults();
      var vq = VectorQuantization.vectorQuantization(tf, x, codebook, options);
      var fed = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
      var decoded = VectorQuantization.decode(tf, fed, codebook, options);
      try (Session session = new Session(graph)) {
        session.initialize();
        SavedModelBundle.exporter(model.toString())
            .withSession(session)
            .withSignatures(
                Signature.builder("encode").input("x", x).output("indices", vq.indices()).build(),
                Signature.builder("decode").input("indices", fed).output("x", decoded).build())
            .export();
      }
    }
    // endregion
  }

  private static void encode(Path model) {
    // region encode
    try (CodebookEncoder encoder = CodebookEncoder.load(model)) {
      int[] indices = encoder.encode(new float[] {0.1f, 0, 4, 5, 0.9f, 1});
      System.out.println("indices " + Arrays.toString(indices));
      System.out.println("decoded " + Arrays.toString(encoder.decode(indices)));
    }
    // endregion
  }

  private static void find(Path model) {
    // region find
    try (SavedModelBundle loaded = SavedModelBundle.load(model.toString())) {
      Ops tf = Ops.create(loaded.graph());
      Codebook<TFloat32> codebook = Codebook.of(tf, "codebook", TFloat32.class);
      try (var result = loaded.session().runner().fetch(codebook.values()).run()) {
        float[][] codes = StdArrays.array2dCopyOf((TFloat32) result.get(0));
        System.out.println("codes   " + Arrays.deepToString(codes));
      }
    }
    // endregion
  }
}
