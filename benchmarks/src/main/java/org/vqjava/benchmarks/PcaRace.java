/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Norm;
import org.vqjava.ops.Pca;
import org.vqjava.ops.SearchMode;

/** Principal components of a batch, and a look-up by them, beside the one multiplication in it. */
final class PcaRace {
  private PcaRace() {}

  static Race of(int rows, int size, int width, int components) {
    TimedGraph one = TimedGraph.ofOneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1, width);
    TFloat32 vectors = TimedGraph.normal(1, rows, width);
    TFloat32 codes = TimedGraph.normal(2, size, width);
    Operand<TFloat32> book = tf.constantOf(codes);
    Pca<TFloat32> pca = Pca.fit(tf, x, components);
    checkVariances(
        one.numbers(x, vectors, pca.project(tf, x)),
        one.numbers(x, vectors, pca.variances()),
        components);
    return new Race(
        components + " components of " + rows + " vectors of width " + width,
        List.of(
            one.contender("xᵀx alone", x, vectors, tf.linalg.matMul(x, x, MatMul.transposeA(true))),
            one.contender("components", x, vectors, pca.axes()),
            one.contender("components and coordinates", x, vectors, pca.project(tf, x)),
            one.contender(
                "nearest of " + size + " by coordinates",
                x,
                vectors,
                NearestCode.indices(
                    tf, pca.project(tf, x), pca.project(tf, book), Norm.L2, SearchMode.FAST)),
            one.contender(
                "nearest of " + size + " by all numbers",
                x,
                vectors,
                NearestCode.indices(tf, x, book, Norm.L2, SearchMode.FAST))),
        () -> {
          one.close();
          vectors.close();
          codes.close();
        });
  }

  /** Coordinates are not correlated, and vary as much as is said. */
  private static void checkVariances(float[] coordinates, float[] variances, int components) {
    int rows = coordinates.length / components;
    for (int a = 0; a < components; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = 0;
        for (int n = 0; n < rows; n++) {
          sum += (double) coordinates[n * components + a] * coordinates[n * components + b];
        }
        BruteForce.check(
            "covariance of " + a + " and " + b,
            sum / rows,
            a == b ? variances[a] : 0,
            variances[0]);
      }
    }
  }
}
