/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.TensorValues;

class NearestCodeTest {
  @ParameterizedTest
  @CsvSource({
    "L1,FAST,5,7,3",
    "L2,FAST,5,7,3",
    "L2,EXACT,5,7,3",
    "LINF,EXACT,5,7,3",
    "L2,FAST,40,1,1",
    "L1,EXACT,3000,300,4",
    "L2,EXACT,3000,300,4",
    "LINF,FAST,3000,300,4",
    "L2,FAST,9000,300,4",
    "L2,FAST,2500,1024,4",
    "L2,FAST,70,1025,4",
    "L2,FAST,300,8192,8"
  })
  void agreesWithBruteForce(Norm norm, SearchMode mode, int rows, int size, int width) {
    double[][] x = Oracle.random(1, rows, width);
    double[][] codes = Oracle.random(2, size, width);
    double[] expected = Arrays.stream(x).mapToDouble(v -> Oracle.nearest(v, codes, norm)).toArray();
    double[] actual =
        Evaluate.one(tf -> NearestCode.indices(tf, tf.constant(x), tf.constant(codes), norm, mode));
    assertArrayEquals(expected, actual);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void oneGraphServesEveryBatchSize(Norm norm) {
    int size = 512;
    int width = 8;
    int block = norm == Norm.L2 ? RowBlocks.ofProduct(size) : (1 << 19) / (size * width);
    double[][] codes = Oracle.random(3, size, width);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, width)));
      Operand<TFloat32> book = tf.dtypes.cast(tf.constant(codes), TFloat32.class);
      Operand<TInt32> indices = NearestCode.indices(tf, x, book, norm, SearchMode.FAST);
      try (Session session = new Session(graph)) {
        for (int rows : new int[] {0, 1, block - 1, block, block + 1, 100_000}) {
          double[][] vectors = Oracle.random(rows, rows, width);
          float[] values = new float[rows * width];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) vectors[i / width][i % width];
          }
          try (var fed = TFloat32.tensorOf(Shape.of(rows, width), DataBuffers.of(values));
              Result result = session.runner().feed(x, fed).fetch(indices).run()) {
            double[] actual = TensorValues.doubles(result.get(0));
            assertEquals(rows, actual.length);
            for (int n = 0; n < rows; n += Math.max(1, rows / 500)) {
              double nearest =
                  Oracle.distance(vectors[n], codes[Oracle.nearest(vectors[n], codes, norm)], norm);
              assertEquals(
                  nearest, Oracle.distance(vectors[n], codes[(int) actual[n]], norm), 1e-5);
            }
          }
        }
      }
    }
  }

  /** The chosen code is as near as the nearest one, within the rounding of the numbers. */
  @ParameterizedTest
  @CsvSource({
    "0,1,1,1000",
    "5,1,3,1000",
    "8193,2,1,1000",
    "700,256,1,1000",
    "700,256,3,1000",
    "2049,1024,64,1000",
    "20,8192,2,1000",
    "300,8191,2,0"
  })
  void anyShapeAndOffsetIsExactInFastMode(int rows, int size, int width, double offset) {
    double[][] x = offset(Oracle.random(11, rows, width), offset);
    double[][] codes = offset(Oracle.random(12, size, width), offset);
    double[] indices =
        Evaluate.one(
            tf ->
                NearestCode.indices(
                    tf,
                    tf.reshape(
                        tf.dtypes.cast(tf.constant(Oracle.flat(x)), TFloat32.class),
                        tf.constant(new int[] {rows, width})),
                    tf.dtypes.cast(tf.constant(codes), TFloat32.class),
                    Norm.L2,
                    SearchMode.FAST));
    assertEquals(rows, indices.length);
    for (int n = 0; n < rows; n++) {
      double nearest = Oracle.distance(x[n], codes[Oracle.nearest(x[n], codes, Norm.L2)], Norm.L2);
      assertEquals(nearest, Oracle.distance(x[n], codes[(int) indices[n]], Norm.L2), 1e-3);
    }
  }

  private static double[][] offset(double[][] matrix, double offset) {
    for (double[] row : matrix) {
      Arrays.setAll(row, i -> (float) (row[i] + offset));
    }
    return matrix;
  }

  @Test
  void tiesGoToTheLowestIndex() {
    double[][] x = {{0, 0}, {1, 1}};
    double[][] codes = {{3, 3}, {1, 0}, {0, 1}, {1, 0}};
    for (Norm norm : Norm.values()) {
      assertArrayEquals(
          new double[] {1, 1},
          Evaluate.one(
              tf ->
                  NearestCode.indices(
                      tf, tf.constant(x), tf.constant(codes), norm, SearchMode.EXACT)),
          norm.name());
    }
  }

  @Test
  void equalCodesGiveTheLowestIndexInFastModeToo() {
    double[][] one = Oracle.random(5, 1, 16);
    double[][] codes = new double[64][];
    Arrays.fill(codes, one[0]);
    double[] indices =
        Evaluate.one(
            tf ->
                NearestCode.indices(
                    tf,
                    tf.constant(Oracle.random(6, 100, 16)),
                    tf.constant(codes),
                    Norm.L2,
                    SearchMode.FAST));
    assertArrayEquals(new double[100], indices);
  }

  /** The expanded form without centring takes the first code for all three. */
  @Test
  void codesFarFromTheOriginAreToldApart() {
    float[][] codes = {{1000, 1000, 1000}, {1000.01f, 1000, 1000}, {1000.02f, 1000, 1000}};
    double[] indices =
        Evaluate.one(
            tf ->
                NearestCode.indices(
                    tf, tf.constant(codes), tf.constant(codes), Norm.L2, SearchMode.FAST));
    assertArrayEquals(new double[] {0, 1, 2}, indices);
  }

  @Test
  void notANumberGivesAnIndexThatExists() {
    float[][] x = {{Float.NaN, 0}, {Float.POSITIVE_INFINITY, 0}};
    float[][] codes = {{1, 0}, {0, 1}};
    for (SearchMode mode : SearchMode.values()) {
      double[] indices =
          Evaluate.one(
              tf -> NearestCode.indices(tf, tf.constant(x), tf.constant(codes), Norm.L2, mode));
      assertTrue(Arrays.stream(indices).allMatch(i -> i >= 0 && i < 2), mode.name());
    }
  }

  @Test
  void runsEagerlyToo() {
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      var indices =
          NearestCode.indices(
              tf,
              tf.constant(new float[][] {{3, 3}, {2, 2}}),
              tf.constant(new float[][] {{0, 0}, {4, 4}}),
              Norm.L2,
              SearchMode.EXACT);
      assertArrayEquals(new double[] {1, 0}, TensorValues.doubles(indices.asTensor()));
    }
  }

  @Test
  void refusesShapesAndTypesThatDoNotFit() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var codes = tf.constant(new float[4][3]);
      refused(
          "vectors must have shape [N, 3] to match codes [4, 3], got [2, 5]",
          () -> search(tf, tf.constant(new float[2][5]), codes));
      refused(
          "vectors must have shape [N, D], got [3]",
          () -> search(tf, tf.constant(new float[3]), codes));
      refused(
          "vectors must have a known last size, got shape [-1, -1]",
          () ->
              search(
                  tf, tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1))), codes));
      refused(
          "codes must have a known number of rows, at least 1, got shape [0, 3]",
          () ->
              search(tf, tf.constant(new float[2][3]), tf.zeros(shape(tf, 0, 3), TFloat32.class)));
      refused(
          "codes must be float32 or float64, got float16",
          () ->
              search(
                  tf,
                  tf.dtypes.cast(tf.constant(new float[2][3]), TFloat16.class),
                  tf.dtypes.cast(codes, TFloat16.class)));
    }
  }

  @SuppressWarnings("unchecked")
  @Test
  void refusesMixedTypes() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> codes = tf.constant(new float[4][3]);
      Operand<?> wrong = tf.zeros(shape(tf, 2, 3), TFloat64.class);
      refused(
          "vectors must have the type of codes, TFloat32, got TFloat64",
          () -> search(tf, (Operand<TFloat32>) wrong, codes));
    }
  }

  private static Operand<TInt32> shape(Ops tf, int... sizes) {
    return tf.constant(sizes);
  }

  private static <T extends org.tensorflow.types.family.TFloating> void search(
      Ops tf, Operand<T> vectors, Operand<T> codes) {
    NearestCode.indices(tf, vectors, codes, Norm.L2, SearchMode.FAST);
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
