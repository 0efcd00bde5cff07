/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.testing.TensorValues;

/** Rewritten tensors and variables, compared with the plain model in which the same is fed. */
class RewriteTest {
  private static final String KERNEL = "probs/kernel";
  private static final String RELU = "sequential/conv2d_1/Relu";

  private final Path directory;
  private final Path cnn = ModelFolders.model("cnn-batchnorm");

  RewriteTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static TFloat32 images() {
    Random random = new Random(1);
    return TFloat32.tensorOf(
        Shape.of(3, 8, 8, 1), t -> t.scalars().forEach(s -> s.setFloat(random.nextFloat())));
  }

  private static double[] run(TrainableModel model, TFloat32 images) {
    return run(model, images, model.output("probs"));
  }

  private static double[] run(TrainableModel model, TFloat32 images, Operand<?> fetched) {
    try (Result result =
        model.session().runner().feed(model.input("image"), images).fetch(fetched).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  private static double[] call(Path saved, TFloat32 images) {
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        Result result = bundle.function("serving_default").call(Map.of("image", images))) {
      return TensorValues.doubles(result.get("probs").orElseThrow());
    }
  }

  /** What the plain model makes of it when a tensor is fed what a rewriting makes of its value. */
  private double[] withFed(TFloat32 images, String tensor, Rewrite rewrite) throws IOException {
    try (TrainableModel model = FlatModel.read(cnn).load()) {
      Output<?> original = model.graph().outputOrThrow(tensor);
      Operand<TFloat32> replaced = rewrite.apply(model.tf(), original.expect(TFloat32.class));
      try (Result value =
              model.session().runner().feed(model.input("image"), images).fetch(replaced).run();
          Result result =
              model
                  .session()
                  .runner()
                  .feed(model.input("image"), images)
                  .feed(original, value.get(0))
                  .fetch(model.output("probs"))
                  .run()) {
        return TensorValues.doubles(result.get(0));
      }
    }
  }

  private static Operand<TFloat32> halved(Ops tf, Operand<TFloat32> value) {
    return tf.math.mul(value, tf.constant(0.5f));
  }

  @Test
  void aRewrittenVariableOrTensorIsWhatTheRestComputesWith() throws IOException {
    FlatModel flat = FlatModel.read(cnn);
    try (TFloat32 images = images();
        TrainableModel plain = flat.load()) {
      for (String name : List.of(KERNEL, RELU)) {
        String tensor = name.equals(KERNEL) ? KERNEL + "/read" : RELU;
        try (TrainableModel rewritten = flat.rewrite(name, RewriteTest::halved).load()) {
          double[] got = run(rewritten, images);
          assertArrayEquals(withFed(images, tensor, RewriteTest::halved), got, name);
          assertNotEquals(run(plain, images)[0], got[0]);
        }
      }
    }
  }

  /** d/dw of f(w/2) is half of f'(w/2). */
  @Test
  void theGradientGoesThroughARewriting() throws IOException {
    FlatModel flat = FlatModel.read(cnn);
    try (TFloat32 images = images();
        TrainableModel rewritten = flat.rewrite(KERNEL, RewriteTest::halved).load()) {
      Operand<TFloat32> sum =
          rewritten
              .tf()
              .math
              .mean(
                  rewritten.tf().math.square(rewritten.output("probs")),
                  rewritten.tf().constant(new int[] {0, 1}));
      Output<?>[] gradients =
          rewritten
              .graph()
              .addGradients(
                  sum.asOutput(),
                  new Output<?>[] {
                    rewritten.graph().outputOrThrow(KERNEL + "/read"),
                    rewritten.weight(KERNEL).asOutput()
                  });
      double[] ofVariable = run(rewritten, images, gradients[0]);
      double[] ofWeight = run(rewritten, images, gradients[1]);
      for (int i = 0; i < ofVariable.length; i++) {
        assertEquals(ofWeight[i] / 2, ofVariable[i], 1e-9);
      }
      assertTrue(Arrays.stream(ofVariable).anyMatch(g -> Math.abs(g) > 1e-6));
    }
  }

  /** Both ways out give what is computed here; stripped, nothing of the rewriting is left. */
  @Test
  void aRewrittenVariableGoesOutAsItselfOrAsValues() throws IOException {
    FlatModel flat = FlatModel.read(cnn).rewriteVariables(".*kernel", RewriteTest::halvedVariable);
    assertEquals(
        List.of("conv2d/kernel", "conv2d_1/kernel", KERNEL),
        flat.rewrittenVariables().stream().sorted().toList());
    try (TFloat32 images = images();
        TrainableModel model = flat.load()) {
      double[] expected = run(model, images);
      model.export(directory.resolve("exported"));
      model.exportStripped(directory.resolve("stripped"));
      model.writeBack(directory.resolve("back"));
      for (String way : List.of("exported", "stripped", "back")) {
        assertArrayEquals(expected, call(directory.resolve(way), images), 1e-7, way);
      }
      assertEquals(3, operations("exported", "Mul"));
      assertEquals(0, operations("stripped", "Mul"));
    }
  }

  /** A moving average is read by a copy; what is given is the variable all the same. */
  @Test
  void aVariableThatTheForwardPassWritesIsRewrittenUnlessItIsReadAgain() throws IOException {
    FlattenOptions training = FlattenOptions.defaults().withTraining();
    FlatModel written = FlatModel.read(ModelFolders.model("cnn-training-mode"), training);
    written
        .rewriteVariable("batch_normalization/moving_mean", RewriteTest::halvedVariable)
        .load()
        .close();
    FlatModel state = FlatModel.read(ModelFolders.model("state"));
    String refused =
        "name must be a variable that the forward pass does not write and read again, got total";
    refused(refused, () -> state.rewriteVariable("total", RewriteTest::halvedVariable));
    refused(refused, () -> state.rewrite("total", RewriteTest::halved));
    assertTrue(
        state.tensors().stream()
            .map(ModelDescription.Argument::name)
            .noneMatch(name -> name.contains("Assign")));
  }

  private static Operand<TFloat32> halvedVariable(Ops tf, Operand<TFloat32> variable) {
    assertEquals("VariableV2", variable.op().type());
    return halved(tf, tf.identity(variable));
  }

  private long operations(String saved, String type) throws IOException {
    return ModelDescription.read(directory.resolve(saved))
        .signatures()
        .get(0)
        .operations()
        .getOrDefault(type, 0);
  }

  /** The use of the original's authors: quantized activations in a trained network. */
  @Test
  void aVectorQuantizationLayerGoesBehindALayer() throws IOException {
    try (TFloat32 images = images()) {
      FlatModel flat =
          FlatModel.read(cnn)
              .rewrite(
                  RELU,
                  (tf, x) ->
                      VectorQuantization.vectorQuantization(
                              tf,
                              x,
                              Codebook.create(tf, "codes", 6, 8, CodebookInitializer.normal(1, 3)),
                              VqOptions.defaults())
                          .layerOut());
      try (TrainableModel model = flat.load()) {
        double[] expected = run(model, images);
        assertEquals(
            "the model must be exported, as the original does not compute what replaces ["
                + RELU
                + "]",
            assertThrows(
                    IllegalStateException.class, () -> model.writeBack(directory.resolve("back")))
                .getMessage());
        assertFalse(Files.exists(directory.resolve("back")));
        model.export(directory.resolve("exported"));
        assertArrayEquals(expected, call(directory.resolve("exported"), images), 1e-7);
        FlatModel again = FlatModel.read(directory.resolve("exported"));
        assertTrue(again.variables().stream().anyMatch(v -> v.name().equals("codes")));
      }
    }
  }

  @Test
  void whatDoesNotFitIsTold() throws IOException {
    FlatModel flat = FlatModel.read(cnn);
    refused(
        "name must be a float32 tensor or variable of the model, got dense/Relu; similar are"
            + " sequential/re_lu/Relu, sequential/conv2d_1/Relu",
        () -> flat.rewrite("dense/Relu", RewriteTest::halved));
    refused(
        "name must be a float32 tensor or variable of the model, got nonsense",
        () -> flat.rewrite("nonsense", RewriteTest::halved));
    FlatModel once = flat.rewrite(KERNEL, RewriteTest::halved);
    refused(
        "name must be rewritten once, got " + KERNEL + "/read twice",
        () -> once.rewriteVariable(KERNEL, RewriteTest::halved));
    refused(
        "regex must match a float32 variable, got kernal for "
            + flat.variables().stream().map(ModelVariable::name).toList(),
        () -> flat.rewriteVariables("kernal", RewriteTest::halved));
    refused(
        "the rewriting of probs/kernel/read must return float32 of shape [32, 10], got DT_FLOAT of"
            + " shape [320]",
        () -> flat.rewrite(KERNEL, (tf, w) -> tf.reshape(w, tf.constant(new int[] {-1}))).load());
  }

  private static void refused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  @Test
  void whatComputesWithAVariableIsTold() throws IOException {
    FlatModel flat = FlatModel.read(cnn);
    assertEquals(
        List.of(new VariableUse(VariableUse.Kind.PRODUCT, "MatMul", List.of(0))),
        flat.usedBy(KERNEL));
    assertEquals(
        List.of(new VariableUse(VariableUse.Kind.CONVOLUTION, "Conv2D", List.of(0, 1, 2))),
        flat.usedBy("conv2d/kernel"));
    assertEquals(
        List.of(new VariableUse(VariableUse.Kind.OTHER, "FusedBatchNormV3", List.of())),
        flat.usedBy("batch_normalization/gamma"));
  }
}
