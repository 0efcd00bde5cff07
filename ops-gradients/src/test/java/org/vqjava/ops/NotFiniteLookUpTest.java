/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.TensorValues;

/** Codes and vectors that are not finite, or so large that their squares are not. */
class NotFiniteLookUpTest {
  private static final double[] NOT_FINITE = {
    Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };

  /** A way to look up. */
  private record Search(String name, boolean cosine, Norm norm, SearchMode mode, int neighbours) {
    <T extends TFloating> Operand<TInt32> indices(Ops tf, Operand<T> x, Operand<T> codes) {
      if (!cosine) {
        return NearestCode.indices(tf, x, codes, norm, mode);
      }
      return neighbours == 1
          ? MostSimilarCodes.first(tf, x, codes, mode)
          : MostSimilarCodes.top(tf, x, codes, neighbours, mode);
    }

    double distance(double[] a, double[] b) {
      if (!cosine) {
        return Oracle.distance(a, b, norm);
      }
      double dot = 0;
      for (int d = 0; d < a.length; d++) {
        dot += a[d] / Oracle.norm(a, Norm.L2) * (b[d] / Oracle.norm(b, Norm.L2));
      }
      return 1 - dot;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Search> searches() {
    return Stream.of(SearchMode.values())
        .flatMap(
            mode ->
                Stream.concat(
                    Arrays.stream(Norm.values())
                        .map(norm -> new Search(norm + " " + mode, false, norm, mode, 1)),
                    Stream.of(
                        new Search("cosine " + mode, true, Norm.L2, mode, 1),
                        new Search("3 cosines " + mode, true, Norm.L2, mode, 3))))
        .toList();
  }

  static Stream<Arguments> searchesAndSizes() {
    return searches().stream()
        .flatMap(search -> Stream.of(5, 256).map(size -> Arguments.of(search, size)));
  }

  /** Every place of a bad code, one or most of them, in small codebooks and in groups. */
  @ParameterizedTest
  @MethodSource("searchesAndSizes")
  void aCodeThatIsNotFiniteIsNeverChosenAndSpoilsNoOther(Search search, int size) {
    double[][] x = Oracle.random(1, 40, 4);
    Random random = new Random(2);
    for (int spoilt : new int[] {1, size - 3}) {
      double[][] codes = Oracle.random(3, size, 4);
      for (int i = 0; i < spoilt; i++) {
        codes[i == 0 ? 0 : random.nextInt(size - 3)][random.nextInt(4)] = NOT_FINITE[i % 3];
      }
      assertNearest(search, x, codes, spoilt > 1);
    }
  }

  @ParameterizedTest
  @MethodSource("searches")
  void withoutAnyFiniteCodeTheFirstIsTaken(Search search) {
    double[][] codes = new double[5][4];
    for (int k = 0; k < 5; k++) {
      Arrays.fill(codes[k], NOT_FINITE[k % 3]);
    }
    double[][] x = Oracle.random(1, 3, 4);
    x[1][2] = Double.NaN;
    double[] expected = new double[3 * search.neighbours()];
    Arrays.setAll(expected, i -> i % search.neighbours());
    assertArrayEquals(expected, run(search, x, codes, false));
  }

  /** Also where the first codes are not finite, and beside vectors that are. */
  @ParameterizedTest
  @MethodSource("searches")
  void aVectorThatIsNotFiniteGetsTheFirstFiniteCode(Search search) {
    double[][] codes = Oracle.random(3, 6, 4);
    codes[0][1] = Double.NaN;
    codes[1][3] = Double.POSITIVE_INFINITY;
    codes[3][0] = Double.NaN;
    double[][] x = Oracle.random(4, 10, 4);
    for (int n = 0; n < 9; n++) {
      x[n][n % 4] = NOT_FINITE[n % 3];
    }
    double[] first = search.neighbours() == 1 ? new double[] {2} : new double[] {2, 4, 5};
    double[] indices = run(search, x, codes, false);
    for (int n = 0; n < 9; n++) {
      assertArrayEquals(
          first,
          Arrays.copyOfRange(indices, n * search.neighbours(), (n + 1) * search.neighbours()));
    }
    int nearest = nearest(search, x[9], codes);
    assertEquals(nearest, indices[9 * search.neighbours()]);
  }

  /** Squares of 1e30 are out of float32's range, those of 1e200 out of float64's. */
  @ParameterizedTest
  @MethodSource("searches")
  void largeNumbersAreComparedTooAndSpoilNoSmallOnes(Search search) {
    for (boolean wide : new boolean[] {false, true}) {
      double large = wide ? 1e200 : 1e30;
      double[][] codes = Oracle.random(5, 12, 3);
      double[][] x = Oracle.random(6, 30, 3);
      for (int k = 0; k < 12; k++) {
        double factor = k % 3 == 0 ? large : k % 3 == 1 ? large * 1e5 : 1;
        Arrays.setAll(codes[k], rescaled(codes[k], factor, wide));
      }
      for (int n = 0; n < 30; n++) {
        double factor = n % 3 == 0 ? large : n % 3 == 1 ? large * 1e5 : 1;
        Arrays.setAll(x[n], rescaled(x[n], factor, wide));
      }
      assertNearest(search, x, codes, wide);
      double[][] onlyLarge = {codes[0], codes[1], codes[3], codes[4]};
      assertNearest(search, x, onlyLarge, wide);
    }
  }

  private static java.util.function.IntToDoubleFunction rescaled(
      double[] row, double factor, boolean wide) {
    double[] copy = row.clone();
    return d -> wide ? copy[d] * factor : (float) (copy[d] * factor);
  }

  @ParameterizedTest
  @MethodSource("searches")
  void anUnknownNumberOfVectorsAndNone(Search search) {
    double[][] codes = Oracle.random(3, 256, 4);
    codes[0][1] = Double.NaN;
    codes[7][1] = Double.NaN;
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4)));
      Operand<TInt32> indices =
          search.indices(tf, x, tf.dtypes.cast(tf.constant(codes), TFloat32.class));
      try (Session session = new Session(graph)) {
        for (int rows : new int[] {0, 1, 40}) {
          double[][] vectors = Oracle.random(8, rows, 4);
          if (rows > 1) {
            vectors[1][0] = Double.NaN;
            Arrays.fill(vectors[2], 1e30f);
          }
          float[] fed = new float[rows * 4];
          for (int i = 0; i < fed.length; i++) {
            fed[i] = (float) vectors[i / 4][i % 4];
          }
          try (var tensor = TFloat32.tensorOf(Shape.of(rows, 4), DataBuffers.of(fed));
              Result result = session.runner().feed(x, tensor).fetch(indices).run()) {
            assertIndices(search, vectors, codes, TensorValues.doubles(result.get(0)));
          }
        }
      }
    }
  }

  @Test
  void oneCodeIsAlwaysTaken() {
    for (Search search : searches()) {
      if (search.neighbours() == 1) {
        double[][] x = {{1, 2}, {Double.NaN, 0}, {1e30, 1}};
        assertArrayEquals(new double[3], run(search, x, new double[][] {{Double.NaN, 1}}, false));
      }
    }
  }

  private static void assertNearest(Search search, double[][] x, double[][] codes, boolean wide) {
    assertIndices(search, x, codes, run(search, x, codes, wide));
  }

  private static void assertIndices(
      Search search, double[][] x, double[][] codes, double[] indices) {
    assertEquals(x.length * search.neighbours(), indices.length);
    for (int n = 0; n < x.length; n++) {
      int taken = (int) indices[n * search.neighbours()];
      int nearest = nearest(search, x[n], codes);
      if (!finite(x[n])) {
        assertEquals(first(codes), taken);
        continue;
      }
      double least = search.distance(x[n], codes[nearest]);
      assertEquals(
          least,
          search.distance(x[n], codes[taken]),
          search.cosine() ? 1e-6 : 1e-3 * least,
          search + " vector " + n);
      for (int i = 1; i < search.neighbours(); i++) {
        int next = (int) indices[n * search.neighbours() + i];
        assertEquals(true, finite(codes[next]), search + " vector " + n);
      }
    }
  }

  private static int first(double[][] codes) {
    int k = 0;
    while (!finite(codes[k])) {
      k++;
    }
    return k;
  }

  private static int nearest(Search search, double[] x, double[][] codes) {
    int best = first(codes);
    for (int k = best; k < codes.length; k++) {
      if (finite(codes[k]) && search.distance(x, codes[k]) < search.distance(x, codes[best])) {
        best = k;
      }
    }
    return best;
  }

  private static boolean finite(double[] row) {
    return Arrays.stream(row).allMatch(Double::isFinite);
  }

  private static double[] run(Search search, double[][] x, double[][] codes, boolean wide) {
    return Evaluate.one(
        tf ->
            wide
                ? search.indices(tf, tf.constant(x), tf.constant(codes))
                : search.indices(
                    tf,
                    tf.dtypes.cast(tf.constant(x), TFloat32.class),
                    tf.dtypes.cast(tf.constant(codes), TFloat32.class)));
  }
}
