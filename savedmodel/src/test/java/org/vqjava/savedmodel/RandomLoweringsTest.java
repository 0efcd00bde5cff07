/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** Draws behind what is trained: cut, or refused where Python has a gradient that Java has not. */
class RandomLoweringsTest {
  private final Path directory;

  RandomLoweringsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A later TensorFlow may bring others. */
  @Test
  void noOperationThatDrawsIsForgotten() {
    List<String> forgotten =
        TensorFlow.registeredOpList().getOpList().stream()
            .filter(
                op ->
                    op.getName()
                        .matches(".*(Random|Multinomial|Truncated|Shuffle|Sampler|Distorted).*"))
            .filter(op -> op.getOutputArgList().stream().anyMatch(RandomLoweringsTest::isNumber))
            .map(OpDef::getName)
            .filter(name -> !RandomLowerings.isRandom(name))
            .sorted()
            .toList();
    // by a handle, of keys and seeds, a gradient: no draws by themselves, or refused
    assertEquals(
        List.of(
            "RandomGammaGrad",
            "StatefulRandomBinomial",
            "StatefulTruncatedNormal",
            "StatelessRandomGetAlg",
            "StatelessRandomGetKeyCounter",
            "StatelessRandomGetKeyCounterAlg"),
        forgotten.stream()
            .filter(name -> !name.matches(".*(Dataset|Queue|Seed|TPU|Tpu).*"))
            .toList());
  }

  private static boolean isNumber(OpDef.ArgDef output) {
    return !List.of(DataType.DT_VARIANT, DataType.DT_RESOURCE, DataType.DT_STRING)
        .contains(output.getType());
  }

  private static Operand<TInt32> shape(Ops tf, Operand<TFloat32> h) {
    return tf.shape(h);
  }

  private static final Map<String, BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>>> DRAWS =
      Map.of(
          "RandomStandardNormal",
          (tf, h) -> tf.math.mul(h, tf.random.randomStandardNormal(shape(tf, h), TFloat32.class)),
          "RandomUniformInt",
          (tf, h) ->
              tf.math.add(
                  h,
                  tf.dtypes.cast(
                      tf.random.randomUniformInt(shape(tf, h), tf.constant(0), tf.constant(9)),
                      TFloat32.class)),
          "Multinomial",
          (tf, h) ->
              tf.math.add(
                  h,
                  tf.dtypes.cast(
                      tf.random.multinomial(h, tf.constant(3), TInt64.class), TFloat32.class)),
          "RandomShuffle",
          (tf, h) -> tf.math.add(h, tf.random.randomShuffle(h)),
          "RandomPoissonV2",
          (tf, h) ->
              tf.math.add(
                  h,
                  tf.random.randomPoisson(
                      tf.constant(new int[] {3}), tf.constant(2f), TFloat32.class)),
          "ParameterizedTruncatedNormal",
          (tf, h) ->
              tf.math.add(
                  h,
                  tf.random.parameterizedTruncatedNormal(
                      shape(tf, h),
                      tf.constant(0f),
                      tf.constant(1f),
                      tf.constant(-1f),
                      tf.constant(1f))),
          "StatelessParameterizedTruncatedNormal",
          (tf, h) -> tf.math.add(h, truncated(tf, h, tf.constant(0f))),
          "RandomGamma",
          (tf, h) ->
              tf.math.add(
                  h,
                  tf.random.randomGamma(
                      tf.constant(new int[0]), tf.math.add(tf.math.square(h), tf.constant(1f)))));

  private static Operand<TFloat32> truncated(Ops tf, Operand<TFloat32> h, Operand<TFloat32> mean) {
    return tf.random.statelessParameterizedTruncatedNormal(
        shape(tf, h),
        tf.constant(new int[] {1, 2}),
        mean,
        tf.constant(1f),
        tf.constant(-1f),
        tf.constant(1f));
  }

  @TestFactory
  Stream<DynamicTest> whatIsBehindADrawIsTrained() {
    return DRAWS.entrySet().stream()
        .map(
            draw ->
                DynamicTest.dynamicTest(
                    draw.getKey(), () -> checkTrained(draw.getKey(), draw.getValue())));
  }

  private void checkTrained(
      String type, BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> drawn) throws IOException {
    Path model = export(type, drawn);
    ModelDescription.Signature signature = ModelDescription.read(model).signatures().get(0);
    assertEquals(Map.of(type, 1), signature.random());
    assertEquals(List.of(), signature.obstacles());
    try (TrainableModel trained = FlatModel.read(model).load()) {
      double[] before = kernel(trained);
      Ops tf = trained.tf();
      Operand<TFloat32> loss =
          tf.math.mean(tf.math.square(trained.output("y")), tf.constant(new int[] {0, 1}));
      Op step =
          Training.minimize(
              tf, loss, trained.trainable(), new GradientDescent(trained.graph(), 0.1f));
      trained.session().initialize();
      try (TFloat32 x = TFloat32.tensorOf(StdArrays.ndCopyOf(new float[][] {{1, 2}, {3, 4}}))) {
        trained.session().runner().feed(trained.input("x"), x).addTarget(step).run().close();
      }
      double[] after = kernel(trained);
      assertFalse(Arrays.equals(before, after));
      assertTrue(Arrays.stream(after).allMatch(Double::isFinite));
    }
  }

  private static double[] kernel(TrainableModel model) {
    try (Result result = model.session().runner().fetch(model.weight("kernel")).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  private Path export(String name, BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> drawn)
      throws IOException {
    Path model = directory.resolve(name);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      Operand<TFloat32> kernel =
          tf.withName("kernel").variable(tf.constant(new float[][] {{1, 0, 2}, {0, 1, 1}}));
      Operand<TFloat32> y = drawn.apply(tf, tf.linalg.matMul(x, tf.identity(kernel)));
      session.initialize();
      SavedModelBundle.exporter(model.toString())
          .withSession(session)
          .withSignature(Signature.builder("f").input("x", x).output("y", y).build())
          .export();
    }
    return model;
  }

  /** In Python a gradient goes through it, which would be lost. */
  @Test
  void aDrawWhoseParametersAreTrainedIsAnObstacleWhereItsGradientIsNotKnown() throws IOException {
    Path model = export("truncated", (tf, h) -> tf.math.add(h, truncated(tf, h, h)));
    assertEquals(
        List.of("StatelessParameterizedTruncatedNormal"),
        ModelDescription.read(model).signatures().get(0).obstacles().stream()
            .map(Obstacle::operation)
            .toList());
  }

  @Test
  void theSameSeedGivesTheSameBits() throws IOException {
    FlatModel flat = FlatModel.read(ModelFolders.model("noise-keras3"));
    try (TrainableModel a = flat.load();
        TrainableModel b = flat.load()) {
      double[] first = outputs(a);
      double[] second = outputs(a);
      assertFalse(Arrays.equals(first, second), "the state of the seeds goes on");
      assertArrayEquals(first, outputs(b));
      assertArrayEquals(second, outputs(b));
    }
  }

  private static double[] outputs(TrainableModel model) {
    String input = model.inputs().keySet().iterator().next();
    String output = model.outputs().keySet().iterator().next();
    try (TFloat32 x =
            TFloat32.tensorOf(Shape.of(3, 5), t -> t.scalars().forEach(s -> s.setFloat(0.5f)));
        Result result =
            model
                .session()
                .runner()
                .feed(model.input(input), x)
                .fetch(model.output(output))
                .run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  /** Two draws of 18 numbers move the counter of 128 bits by 256 for each. */
  @Test
  void theCounterOfAGeneratorCarries() throws IOException {
    try (TrainableModel model = FlatModel.read(ModelFolders.model("noise-generator")).load();
        TInt64 state = TInt64.vectorOf(-1, 6, 5)) {
      String name =
          model.flat().variables().stream()
              .filter(v -> v.type() == DataType.DT_INT64)
              .findFirst()
              .orElseThrow()
              .name();
      model.set(Map.of(name, state));
      outputs(model);
      try (Result result = model.session().runner().fetch(model.variable(name)).run()) {
        assertEquals(
            List.of(2L * 18 * 256 - 1, 7L, 5L),
            Arrays.stream(StdArrays.array1dCopyOf((TInt64) result.get(0))).boxed().toList());
      }
    }
  }

  @Test
  void aGeneratorOfAnotherAlgorithmIsRefused() throws IOException {
    TensorProto one =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_UINT64)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addUint64Val(1)
            .build();
    Path model =
        new SyntheticModel()
            .add(
                SyntheticModel.node(
                    "state",
                    "VarHandleOp",
                    Map.of(
                        "dtype", Attributes.of(DataType.DT_INT64),
                        "shape", SyntheticModel.shape(2))),
                SyntheticModel.constant("alg", 2),
                SyntheticModel.node(
                    "delta",
                    "Const",
                    Map.of(
                        "dtype",
                        Attributes.of(DataType.DT_UINT64),
                        "value",
                        AttrValue.newBuilder().setTensor(one).build())),
                SyntheticModel.node("read", "RngReadAndSkip", Map.of(), "state", "alg", "delta"))
            .output("read:0")
            .write(directory.resolve("threefry"));
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> FlatModel.read(model))
                .getMessage());
    assertTrue(
        message.contains(
            "RngReadAndSkip at read: it draws by another algorithm than Philox; make the generator"
                + " with alg='philox'"),
        message);
  }
}
