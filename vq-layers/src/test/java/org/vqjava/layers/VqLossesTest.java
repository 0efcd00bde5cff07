/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.vqjava.ops.Norm;
import org.vqjava.testing.Gradients;
import org.vqjava.testing.TensorValues;
import org.vqjava.testing.Tolerance;

/** The losses in closed form, and their gradients against central differences, in float64. */
class VqLossesTest {
  private static final int SIZE = 5;
  private static final int WIDTH = 3;
  private static final int ROWS = 8;
  private static final Shape SHAPE = Shape.of(ROWS, WIDTH);
  private static final double[] X = LayerFixture.random(11, ROWS * WIDTH);
  private static final double[] CODES = LayerFixture.random(12, SIZE * WIDTH);
  private static final double STEP = 6e-6;

  @ParameterizedTest
  @EnumSource(Norm.class)
  void areWhatTheirFormulasSay(Norm norm) {
    VqOptions options = options(norm);
    try (var layer = layer(CODES, options)) {
      VqLosses<TFloat64> losses = layer.vq.losses();
      double[][] out =
          layer.run(
              SHAPE,
              X,
              List.of(),
              losses.alpha(),
              losses.beta(),
              losses.coulomb(),
              losses.commitment(),
              losses.total(),
              layer.vq.indices());
      double alpha = 0;
      double beta = 0;
      double commitment = 0;
      for (int n = 0; n < ROWS; n++) {
        int chosen = (int) out[5][n];
        alpha += distance(X, n, CODES, chosen, norm);
        for (int k = 0; k < SIZE; k++) {
          beta += distance(X, n, CODES, k, norm);
        }
        commitment += Math.pow(distance(X, n, CODES, chosen, Norm.L2), 2);
      }
      double coulomb = 0;
      for (int k = 0; k < SIZE; k++) {
        double closest = Double.POSITIVE_INFINITY;
        for (int j = 0; j < SIZE; j++) {
          closest = j == k ? closest : Math.min(closest, distance(CODES, k, CODES, j, norm));
        }
        coulomb -= closest;
      }
      assertEquals(0.5 * alpha / ROWS, out[0][0], 1e-12);
      assertEquals(0.25 * beta / ROWS, out[1][0], 1e-12);
      assertEquals(0.125 * coulomb, out[2][0], 1e-12);
      assertEquals(2 * commitment / (ROWS * WIDTH), out[3][0], 1e-12);
      assertEquals(out[0][0] + out[1][0] + out[2][0] + out[3][0], out[4][0], 1e-12);
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void haveTheGradientsOfTheirFormulas(Norm norm) {
    VqOptions options = options(norm);
    try (var layer = layer(CODES, options)) {
      List<Function<VqLosses<TFloat64>, Operand<TFloat64>>> losses =
          List.of(VqLosses::alpha, VqLosses::beta, VqLosses::coulomb);
      for (var loss : losses) {
        double[] differences = new double[CODES.length];
        for (int i = 0; i < CODES.length; i++) {
          differences[i] =
              (shifted(options, loss, i, STEP) - shifted(options, loss, i, -STEP)) / (2 * STEP);
        }
        Operand<TFloat64> gradient =
            Gradients.of(layer.graph, loss.apply(layer.vq.losses()), layer.codebook.variable());
        new Tolerance(1e-7, 1e-8)
            .check("gradient to the codes", layer.value(SHAPE, X, gradient), differences);
      }
    }
  }

  private static double shifted(
      VqOptions options,
      Function<VqLosses<TFloat64>, Operand<TFloat64>> loss,
      int i,
      double change) {
    double[] moved = CODES.clone();
    moved[i] += change;
    try (var layer = layer(moved, options)) {
      return layer.value(SHAPE, X, loss.apply(layer.vq.losses()))[0];
    }
  }

  @Test
  void onlyTheCommitmentLossMovesTheInput() {
    try (var layer = layer(CODES, options(Norm.L2))) {
      VqLosses<TFloat64> losses = layer.vq.losses();
      double[][] out =
          layer.run(
              SHAPE,
              X,
              List.of(),
              Gradients.of(layer.graph, losses.alpha(), layer.x),
              Gradients.of(layer.graph, losses.beta(), layer.x),
              Gradients.of(layer.graph, losses.coulomb(), layer.x),
              Gradients.of(layer.graph, losses.commitment(), layer.x),
              Gradients.of(layer.graph, losses.commitment(), layer.codebook.variable()),
              layer.vq.layerOut());
      double[] none = new double[X.length];
      assertArrayEquals(none, out[0]);
      assertArrayEquals(none, out[1]);
      assertArrayEquals(none, out[2]);
      double[] expected = new double[X.length];
      for (int i = 0; i < X.length; i++) {
        expected[i] = 2 * 2 * (X[i] - out[5][i]) / X.length;
      }
      assertArrayEquals(expected, out[3], 1e-12);
      assertArrayEquals(new double[CODES.length], out[4]);
    }
  }

  @Test
  void layerOutPassesItsGradientToTheInputAndNoneToTheCodebook() {
    try (var layer = layer(CODES, options(Norm.L2))) {
      Operand<TFloat64> weighted =
          layer.tf.sum(
              layer.tf.math.mul(
                  layer.tf.reshape(layer.vq.layerOut(), layer.tf.constant(new int[] {-1})),
                  layer.tf.constant(X)),
              layer.tf.constant(0));
      assertArrayEquals(X, layer.value(SHAPE, X, Gradients.of(layer.graph, weighted, layer.x)));
      assertArrayEquals(
          new double[CODES.length],
          layer.value(SHAPE, X, Gradients.of(layer.graph, weighted, layer.codebook.variable())));
    }
  }

  @Test
  void aWeightMayBeATensorThatIsFed() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> weight =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      var codebook =
          Codebook.create(
              tf, "codebook", SIZE, WIDTH, TFloat64.class, CodebookInitializer.constant(CODES));
      Operand<TFloat64> x = tf.reshape(tf.constant(X), tf.constant(new int[] {ROWS, WIDTH}));
      var fixed =
          VectorQuantization.vectorQuantization(
              tf,
              x,
              codebook,
              VqOptions.defaults().withAlpha(1).withBeta(1).withGamma(1).withCommitment(1));
      var fed =
          VectorQuantization.vectorQuantization(
              tf,
              x,
              codebook,
              VqOptions.defaults()
                  .withAlpha(weight)
                  .withBeta(weight)
                  .withGamma(weight)
                  .withCommitment(weight));
      try (Session session = new Session(graph)) {
        session.initialize();
        for (float w : new float[] {0, 0.25f, 3}) {
          try (TFloat32 value = TFloat32.scalarOf(w);
              var result =
                  session
                      .runner()
                      .feed(weight, value)
                      .fetch(fixed.losses().total())
                      .fetch(fed.losses().total())
                      .run()) {
            assertEquals(
                w * TensorValues.doubles(result.get(0))[0],
                TensorValues.doubles(result.get(1))[0],
                1e-12);
          }
        }
      }
    }
  }

  @Test
  void aLossOfWeightZeroIsNoPartOfTheGraph() {
    try (var layer = layer(CODES, VqOptions.defaults().withAlpha(0).withBeta(0).withGamma(0))) {
      Output<?> total = layer.vq.losses().total().asOutput();
      assertEquals(0, layer.value(total)[0], "it needs no input, not even to be fed");
    }
  }

  private static VqOptions options(Norm norm) {
    return VqOptions.defaults()
        .withNorm(norm)
        .withAlpha(0.5)
        .withBeta(0.25)
        .withGamma(0.125)
        .withCommitment(2);
  }

  private static LayerFixture<TFloat64> layer(double[] codes, VqOptions options) {
    return LayerFixture.doubles(SHAPE, SIZE, WIDTH, CodebookInitializer.constant(codes), options);
  }

  private static double distance(double[] a, int i, double[] b, int j, Norm norm) {
    double result = 0;
    for (int d = 0; d < WIDTH; d++) {
      double difference = Math.abs(a[i * WIDTH + d] - b[j * WIDTH + d]);
      result =
          switch (norm) {
            case L1 -> result + difference;
            case L2 -> Math.hypot(result, difference);
            case LINF -> Math.max(result, difference);
          };
    }
    return result;
  }
}
