/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.vqjava.testing.TensorValues;

/**
 * Operations without a gradient in TensorFlow Java, as a loaded model has them: forward equal to
 * the original, gradient equal to central differences.
 */
class GradientLoweringsTest {
  private static final float[] START = {
    0.3f, -1.2f, 2.1f, 0.8f, -0.4f, 1.7f, -2.2f, 0.6f, 1.1f, -0.9f, 0.2f, -1.6f
  };

  private final Path directory;

  GradientLoweringsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> raw(
      Ops tf, Graph graph, String type, Map<String, DataType> types, Operand<?>... inputs) {
    OperationBuilder builder = graph.opBuilder(type, type, tf.scope());
    for (Operand<?> input : inputs) {
      builder.addInput(input.asOutput());
    }
    types.forEach(builder::setAttr);
    return (Operand<TFloat32>) (Operand<?>) builder.build().output(0);
  }

  /** Of w, {@code [3, 4]}. */
  private static Operand<TFloat32> built(String type, Ops tf, Graph graph, Operand<TFloat32> w) {
    Operand<TFloat32> doubled = tf.math.mul(w, tf.constant(2f));
    return switch (type) {
      case "Gather" ->
          raw(
              tf,
              graph,
              type,
              Map.of("Tindices", DataType.DT_INT32, "Tparams", DataType.DT_FLOAT),
              doubled,
              tf.constant(new int[] {2, 0, 2}));
      case "TopKV2" -> tf.nn.topK(doubled, tf.constant(2), new TopK.Options[0]).values();
      case "TopKV2 of int64" ->
          tf.nn.topK(doubled, tf.constant(2), TInt64.class, new TopK.Options[0]).values();
      case "EuclideanNorm" ->
          raw(
              tf,
              graph,
              type,
              Map.of("T", DataType.DT_FLOAT, "Tidx", DataType.DT_INT32),
              doubled,
              tf.constant(1));
      case "TensorScatterAdd" ->
          tf.tensorScatterNdAdd(
              doubled,
              tf.constant(new int[][] {{1}, {1}}),
              tf.math.square(
                  tf.slice(w, tf.constant(new int[] {0, 0}), tf.constant(new int[] {2, 4}))));
      case "EnsureShape" -> tf.ensureShape(doubled, Shape.of(-1, 4));
      case "IdentityN" -> {
        Iterable<Operand<?>> two = List.of(doubled, tf.math.square(w));
        var both = tf.identityN(two);
        yield tf.math.add(
            both.output().get(0).expect(TFloat32.class),
            both.output().get(1).expect(TFloat32.class));
      }
      case "OnesLike" -> tf.math.mul(doubled, tf.onesLike(w));
      case "Rint" -> tf.math.mul(doubled, tf.math.rint(w));
      case "Round" -> raw(tf, graph, "Round", Map.of("T", DataType.DT_FLOAT), w);
      case "FloorDiv" -> tf.math.floorDiv(w, tf.constant(0.77f));
      default -> throw new AssertionError(type);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Gather",
        "TopKV2",
        "TopKV2 of int64",
        "EuclideanNorm",
        "TensorScatterAdd",
        "EnsureShape",
        "IdentityN",
        "OnesLike",
        "Rint",
        "Round",
        "FloorDiv"
      })
  void theGradientIsThatOfTheFunction(String type) throws IOException {
    double[] expected;
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> variable =
          tf.withName("w").variable(tf.reshape(tf.constant(START), tf.constant(new int[] {3, 4})));
      Operand<TFloat32> w = tf.identity(variable);
      Operand<TFloat32> f = built(type, tf, graph, w);
      Operand<TFloat32> y =
          tf.math.add(
              tf.reduceSum(tf.math.square(f), tf.range(tf.constant(0), tf.rank(f), tf.constant(1))),
              tf.reduceSum(w, tf.constant(new int[] {0, 1})));
      session.initialize();
      try (Result result = session.runner().fetch(y).run()) {
        expected = TensorValues.doubles(result.get(0));
      }
      SavedModelBundle.exporter(directory.resolve("m").toString())
          .withSession(session)
          .withSignature(Signature.builder("f").output("y", y).build())
          .export();
    }
    FlatModel flat = FlatModel.read(directory.resolve("m"));
    try (TrainableModel model = flat.load()) {
      assertArrayEquals(expected, value(model, model.output("y")), 1e-5);
      Output<?>[] gradients =
          model
              .graph()
              .addGradients(
                  model.output("y").asOutput(),
                  new Output<?>[] {model.graph().outputOrThrow("w/read")});
      double[] gradient = value(model, gradients[0]);
      for (int i = 0; i < START.length; i++) {
        assertEquals(difference(model, i), gradient[i], 2e-2, type + " " + i);
      }
      assertTrue(Arrays.stream(gradient).anyMatch(g -> g != 0));
    }
  }

  /** A gradient that Python code defines is told; here it would be the ninefold. */
  @Test
  void aGradientThatIsNotKeptIsTold() throws IOException {
    AttrValue one =
        AttrValue.newBuilder()
            .setList(AttrValue.ListValue.newBuilder().addType(DataType.DT_FLOAT))
            .build();
    AttrValue own =
        AttrValue.newBuilder().setS(ByteString.copyFromUtf8("CustomGradient-9")).build();
    FlatModel flat =
        FlatModel.read(
            new SyntheticModel()
                .output("y:0")
                .add(
                    SyntheticModel.constant("x", 2f),
                    SyntheticModel.node("kept", "IdentityN", Map.of("T", one), "x"),
                    SyntheticModel.node(
                        "y", "IdentityN", Map.of("T", one, "_gradient_op_type", own), "kept"))
                .write(directory));
    assertEquals(List.of("y"), flat.replacedGradients());
  }

  private static double difference(TrainableModel model, int i) {
    double step = 1.0 / 128;
    double[] around = new double[2];
    for (int side = 0; side < 2; side++) {
      float[] moved = START.clone();
      moved[i] += (float) (side == 0 ? step : -step);
      int[] next = {0};
      try (TFloat32 values =
          TFloat32.tensorOf(
              Shape.of(3, 4), t -> t.scalars().forEach(s -> s.setFloat(moved[next[0]++])))) {
        model.set(Map.of("w", values));
      }
      around[side] = value(model, model.output("y"))[0];
    }
    return (around[0] - around[1]) / (2 * step);
  }

  private static double[] value(TrainableModel model, Operand<?> fetched) {
    try (Result result = model.session().runner().fetch(fetched).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }
}
