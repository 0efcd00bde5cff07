/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

class CodebookEncoderTest {
  private static final float[] CODES = {0, 0, 1, 1, 5, 5, -4, 4};
  private final Path directory;
  private final Path model;

  CodebookEncoderTest(@TempDir Path directory) {
    this.directory = directory;
    this.model = directory.resolve("model");
  }

  @BeforeEach
  void saveAModel() throws IOException {
    save(model, Shape.of(-1, 2, 2), "encode", "decode");
  }

  /** Inputs of two vectors of width 2 each. */
  private static void save(Path model, Shape inputShape, String encode, String decode)
      throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(inputShape));
      Operand<TFloat32> vectors = tf.reshape(x, tf.constant(new int[] {-1, 2, 2}));
      var indices = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, 2)));
      var codebook = Codebook.create(tf, "codebook", 4, 2, CodebookInitializer.constant(CODES));
      var vq = VectorQuantization.vectorQuantization(tf, vectors, codebook, VqOptions.defaults());
      var decoded = VectorQuantization.decode(tf, indices, codebook, VqOptions.defaults());
      try (Session session = new Session(graph)) {
        session.initialize();
        SavedModelBundle.exporter(model.toString())
            .withSession(session)
            .withSignatures(
                Signature.builder(encode).input("x", x).output("indices", vq.indices()).build(),
                Signature.builder(decode)
                    .input("indices", indices)
                    .output("vectors", decoded)
                    .build())
            .export();
      }
    }
  }

  @Test
  void encodesAndDecodesArrays() {
    try (CodebookEncoder encoder = CodebookEncoder.load(model)) {
      assertEquals(4, encoder.inputSize());
      float[] vectors = {0.1f, 0, 4, 6, 1, 1, -3, 3};
      int[] indices = encoder.encode(vectors);
      assertArrayEquals(new int[] {0, 2, 1, 3}, indices);
      assertArrayEquals(new float[] {0, 0, 5, 5, 1, 1, -4, 4}, encoder.decode(indices));
    }
  }

  @Test
  void nothingIsEncodedToNothing() {
    try (CodebookEncoder encoder = CodebookEncoder.load(model)) {
      assertEquals(0, encoder.encode(new float[0]).length);
      assertEquals(0, encoder.decode(new int[0]).length);
    }
  }

  @Test
  void manyThreadsGetTheirOwnAnswers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (CodebookEncoder encoder = CodebookEncoder.load(model)) {
      List<Future<Boolean>> answers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int code = t % 4;
        answers.add(
            threads.submit(
                () -> {
                  float[] vectors = {
                    CODES[2 * code], CODES[2 * code + 1], CODES[2 * code], CODES[2 * code + 1]
                  };
                  for (int i = 0; i < 500; i++) {
                    int[] indices = encoder.encode(vectors);
                    assertArrayEquals(new int[] {code, code}, indices);
                    assertArrayEquals(vectors, encoder.decode(indices));
                  }
                  return true;
                }));
      }
      for (Future<Boolean> answer : answers) {
        assertTrue(answer.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingWhileOthersEncodeEndsThemOrderly() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      CodebookEncoder encoder = CodebookEncoder.load(model);
      List<Future<String>> ends = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        ends.add(
            threads.submit(
                () -> {
                  try {
                    while (true) {
                      encoder.encode(new float[4]);
                    }
                  } catch (IllegalStateException e) {
                    return String.valueOf(e.getMessage());
                  }
                }));
      }
      Thread.sleep(50);
      encoder.close();
      encoder.close();
      for (Future<String> end : ends) {
        assertEquals("the encoder is closed", end.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void refusesArraysOfOddLengthAndIndicesThatAreNone() {
    try (CodebookEncoder encoder = CodebookEncoder.load(model)) {
      refused(
          "vectors must have a multiple of 4 numbers, got 5", () -> encoder.encode(new float[5]));
      refused("indices must have a multiple of 2 numbers, got 3", () -> encoder.decode(new int[3]));
      String message =
          assertThrows(IllegalArgumentException.class, () -> encoder.decode(new int[] {0, 4}))
              .getMessage();
      assertTrue(
          String.valueOf(message)
              .startsWith("indices must be those of codes, got an index that the model refuses"),
          message);
    }
  }

  @Test
  void refusesWhatIsNoModelOrAnotherOne() throws IOException {
    Path absent = directory.resolve("absent");
    refused(
        "savedModel must be a directory with a saved_model.pb, got " + absent,
        () -> CodebookEncoder.load(absent));
    Path other = directory.resolve("other");
    save(other, Shape.of(-1, 2, 2), "encode", "expand");
    refused(
        "savedModel must have a signature decode, got [encode, expand]",
        () -> CodebookEncoder.load(other));
    Path swapped = directory.resolve("swapped");
    save(swapped, Shape.of(-1, 2, 2), "decode", "encode");
    refused(
        "signature encode must have an input of DT_FLOAT, got DT_INT32",
        () -> CodebookEncoder.load(swapped));
    Path unknown = directory.resolve("unknown");
    save(unknown, Shape.of(-1, -1, 2), "encode", "decode");
    refused(
        "signature encode must have an input whose sizes but the first are known, got shape"
            + " [-1, -1, 2]",
        () -> CodebookEncoder.load(unknown));

    Path broken = Files.createDirectory(directory.resolve("broken"));
    Files.writeString(broken.resolve("saved_model.pb"), "no protobuf");
    String message =
        assertThrows(IllegalArgumentException.class, () -> CodebookEncoder.load(broken))
            .getMessage();
    assertTrue(
        String.valueOf(message)
            .startsWith("savedModel must be a SavedModel that TensorFlow can load, got " + broken),
        message);
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
