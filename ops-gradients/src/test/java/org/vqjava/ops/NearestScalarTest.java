/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.TensorValues;

/** Nearest codes of numbers, beside brute force in float64. */
class NearestScalarTest {
  private static double nearest(double value, double[] codes) {
    int best = 0;
    for (int j = 1; j < codes.length; j++) {
      if (Math.abs(value - codes[j]) < Math.abs(value - codes[best])) {
        best = j;
      }
    }
    return best;
  }

  private static double[] nearest(double[] values, double[] codes) {
    return Arrays.stream(values).map(v -> nearest(v, codes)).toArray();
  }

  /** In float32 and in float64. */
  private static double[][] found(double[] values, double[] codes) {
    return new double[][] {
      found(values, codes, TFloat32.class), found(values, codes, TFloat64.class)
    };
  }

  private static <T extends TFloating> double[] found(
      double[] values, double[] codes, Class<T> type) {
    return Evaluate.one(
        tf ->
            NearestScalar.indices(
                tf,
                tf.dtypes.cast(tf.constant(values), type),
                tf.dtypes.cast(tf.constant(codes), type)));
  }

  private static void assertNearest(double[] values, double[] codes) {
    for (double[] found : found(values, codes)) {
      assertArrayEquals(nearest(values, codes), found);
    }
  }

  /** At offset 1000 many float32 numbers lie exactly between two codes. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 1000, -3e4})
  void isTheNearestOfUnsortedCodes(double offset) {
    Random random = new Random(5);
    for (int size : new int[] {1, 2, 3, 17, 300}) {
      double[] values = random.doubles(3000).map(v -> (float) (offset + 4 * v - 2)).toArray();
      double[] codes = random.doubles(size).map(v -> (float) (offset + 4 * v - 2)).toArray();
      assertNearest(values, codes);
    }
  }

  /** What is known to be more than one block is compared in several. */
  @Test
  void fewCodesAreComparedBlockByBlock() {
    Random random = new Random(4);
    double[] values = random.doubles((2 << 17) + 5).map(v -> (float) v).toArray();
    assertNearest(values, random.doubles(16).map(v -> (float) v).toArray());
  }

  /** Many values and codes: by a table, and by halving where two thresholds share a cell of it. */
  @ParameterizedTest
  @ValueSource(strings = {"spread", "close", "equal", "far"})
  void manyValuesGetTheirNearestCodeInEachWay(String codesAre) {
    Random random = new Random(7);
    int size = 200;
    double[] codes = new double[size];
    Arrays.setAll(
        codes,
        j ->
            (float)
                switch (codesAre) {
                  case "spread" -> 3 + (j * 37 % size) / 20.0;
                  case "close" -> j < 3 ? 1 + j * 1e-6 : random.nextGaussian();
                  case "equal" -> 1;
                  default -> (j - 100) * 1e36;
                });
    double[] values = new double[1 << 17];
    Arrays.setAll(
        values,
        i ->
            (float)
                (codesAre.equals("far")
                    ? 1e38 * (2 * random.nextDouble() - 1)
                    : codesAre.equals("spread")
                        ? 13 * random.nextDouble()
                        : random.nextGaussian()));
    values[0] = 1e6;
    values[1] = -1e6;
    for (int j = 0; j < size; j++) {
      values[2 + j] = codes[j];
    }
    assertNearest(values, codes);
  }

  /** How many there are may be known only when it runs; more than fit in one block, too. */
  @ParameterizedTest
  @ValueSource(ints = {16, 100})
  void anUnknownNumberOfValuesIsSearchedAlike(int size) {
    double[] codes = new Random(8).doubles(size).map(v -> (float) v).toArray();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> fed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1)));
      Operand<TInt32> found =
          NearestScalar.indices(tf, fed, tf.dtypes.cast(tf.constant(codes), TFloat32.class));
      for (int count : new int[] {0, 1000, (1 << 17) + 3}) {
        double[] values = new Random(9).doubles(count).map(v -> (float) v).toArray();
        float[] narrow = new float[count];
        for (int i = 0; i < count; i++) {
          narrow[i] = (float) values[i];
        }
        try (TFloat32 tensor = TFloat32.tensorOf(Shape.of(count), DataBuffers.of(narrow));
            Result result = session.runner().feed(fed, tensor).fetch(found).run()) {
          assertArrayEquals(nearest(values, codes), TensorValues.doubles(result.get(0)));
        }
      }
    }
  }

  /** NaN and infinities have a code too, in each way. */
  @ParameterizedTest
  @ValueSource(ints = {3, 24, 25, 300})
  void whatIsNoNumberGetsSomeCode(int size) {
    double[] codes = new double[size];
    Arrays.setAll(codes, j -> j);
    double[] values = new double[1 << 17];
    values[0] = Double.NaN;
    values[1] = Double.POSITIVE_INFINITY;
    values[2] = Double.NEGATIVE_INFINITY;
    for (double[] found : found(values, codes)) {
      assertEquals(true, found[0] >= 0 && found[0] < size);
      assertEquals(size - 1, found[1]);
      assertEquals(0, found[2]);
    }
  }

  /** Small whole numbers: every second value is a tie, and codes are equal. */
  @Test
  void tiesGoToTheLowestIndex() {
    Random random = new Random(6);
    double[] values = new double[41];
    Arrays.setAll(values, i -> (i - 20) / 2.0);
    for (int trial = 0; trial < 40; trial++) {
      double[] codes = new double[1 + random.nextInt(9)];
      Arrays.setAll(codes, j -> random.nextInt(15) - 7);
      assertNearest(values, codes);
    }
  }

  /** The middle of neighbouring numbers is none: it must not be rounded onto one of them. */
  @Test
  void neighbouringNumbersAreToldApart() {
    float one = 1;
    double[] codes = {Math.nextUp(one), one, Math.nextUp(Math.nextUp(Math.nextUp(one))), 0};
    double[] values = {
      one, Math.nextUp(one), Math.nextUp(Math.nextUp(one)), Math.nextDown(one), 0.5f, 0
    };
    assertArrayEquals(nearest(values, codes), found(values, codes)[0]);
  }

  @Test
  void farAndExtremeNumbersHaveANearestCode() {
    assertNearest(
        new double[] {-1e38, 1e38, 0, -0.0, 1e-30}, new double[] {1e30f, -1e30f, 0, -0.0});
    for (double[] found : found(new double[] {Double.NaN}, new double[] {1, 2, 3})) {
      assertEquals(true, found[0] >= 0 && found[0] < 3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void eachChannelHasItsOwnCodes(int axis) {
    int[] sizes = {3, 4, 2, 5};
    int channels = sizes[axis];
    Random random = new Random(axis);
    double[] values = random.doubles(120).map(v -> Math.rint(v * 20)).toArray();
    double[][] codes = new double[channels][4];
    for (double[] row : codes) {
      Arrays.setAll(row, j -> random.nextInt(20));
    }
    int inner = 1;
    for (int i = axis + 1; i < 4; i++) {
      inner *= sizes[i];
    }
    double[] expected = new double[120];
    for (int i = 0; i < 120; i++) {
      expected[i] = nearest(values[i], codes[i / inner % channels]);
    }
    double[] found =
        Evaluate.one(
            tf ->
                NearestScalar.indicesPerChannel(
                    tf,
                    tf.reshape(tf.constant(values), tf.constant(sizes)),
                    tf.constant(codes),
                    axis));
    assertArrayEquals(expected, found);
  }

  @Test
  void shapesMayBeUnknownOrEmpty() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> any = tf.placeholder(TFloat32.class);
      Placeholder<TFloat32> rows =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      Operand<TInt32> whole = NearestScalar.indices(tf, any, tf.constant(new float[] {0, 1}));
      Operand<TInt32> channels =
          NearestScalar.indicesPerChannel(tf, rows, tf.constant(new float[][] {{0, 1}, {1, 0}}), 1);
      assertEquals("[-1, 2]", channels.shape().toString());
      try (Session session = new Session(graph);
          TFloat32 fed = TFloat32.tensorOf(Shape.of(1, 2), DataBuffers.of(0f, 1f));
          TFloat32 none = TFloat32.tensorOf(Shape.of(0, 2));
          Result result =
              session.runner().feed(any, fed).feed(rows, fed).fetch(whole).fetch(channels).run();
          Result empty =
              session
                  .runner()
                  .feed(any, none)
                  .feed(rows, none)
                  .fetch(whole)
                  .fetch(channels)
                  .run()) {
        assertArrayEquals(new double[] {0, 1}, TensorValues.doubles(result.get(0)));
        assertArrayEquals(new double[] {0, 0}, TensorValues.doubles(result.get(1)));
        assertEquals(Shape.of(0, 2), empty.get(0).shape());
        assertEquals(Shape.of(0, 2), empty.get(1).shape());
      }
    }
  }

  @Test
  void whatCannotBeSearchedIsRefused() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var two = tf.constant(new float[] {1, 2});
      var matrix = tf.constant(new float[][] {{1, 2}, {3, 4}});
      refused(
          "codes must have shape [K] with known K, at least 1, got [2, 2]",
          () -> NearestScalar.indices(tf, two, matrix));
      refused(
          "values must have the type of codes, TFloat32, got TFloat64",
          () -> NearestScalar.indices(tf, anyType(tf.constant(1.0)), two));
      refused(
          "values must be float32 or float64, got int32",
          () -> NearestScalar.indices(tf, anyType(tf.constant(1)), two));
      refused(
          "codes must have shape [C, K] with known sizes, at least 1, got [2]",
          () -> NearestScalar.indicesPerChannel(tf, matrix, two, 0));
      refused(
          "axis must be one of values, which have shape [2, 2], got 2",
          () -> NearestScalar.indicesPerChannel(tf, matrix, matrix, 2));
      refused(
          "values must have the 2 channels of codes along axis 1, got shape [2, 3]",
          () ->
              NearestScalar.indicesPerChannel(
                  tf, tf.zeros(tf.constant(new int[] {2, 3}), TFloat32.class), matrix, 1));
    }
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> anyType(Operand<?> operand) {
    return (Operand<TFloat32>) operand;
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
