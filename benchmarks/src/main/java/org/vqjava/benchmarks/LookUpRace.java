/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.benchmarks.BruteForce.Distance;
import org.vqjava.ops.MostSimilarCodes;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/** Which code is nearest, beside the bare multiplication of vectors and codes. */
final class LookUpRace {
  private static final int SIMILAR = 8;

  private final TimedGraph one = TimedGraph.ofOneThread();
  private final Ops tf = one.tf();
  private final Placeholder<TFloat32> x;
  private final TFloat32 vectors;
  private final TFloat32 codes;
  private final int width;
  private final List<Contender> contenders = new ArrayList<>();

  private LookUpRace(int rows, int size, int width) {
    this.width = width;
    x = one.fed(-1, width);
    vectors = TimedGraph.normal(1, rows, width);
    codes = TimedGraph.normal(2, size, width);
  }

  /** The difference of every vector from every code takes {@code N·K·D} numbers: small shapes. */
  static Race of(int rows, int size, int width, boolean withDifferences) {
    return new LookUpRace(rows, size, width).race(rows, size, withDifferences);
  }

  private Race race(int rows, int size, boolean withDifferences) {
    Operand<TFloat32> book = tf.constantOf(codes);
    contenders.add(
        one.contender(
            "multiplication alone",
            x,
            vectors,
            tf.linalg.matMul(x, book, MatMul.transposeB(true))));
    add(
        "nearest, L2",
        Distance.SQUARED,
        NearestCode.indices(tf, x, book, Norm.L2, SearchMode.FAST),
        1);
    add("expanded formula, whole matrix", Distance.SQUARED, expanded(tf, x, book), 1);
    add(
        "most similar, cosine",
        Distance.COSINE,
        MostSimilarCodes.first(tf, x, book, SearchMode.FAST),
        1);
    add(
        SIMILAR + " most similar",
        Distance.COSINE,
        MostSimilarCodes.top(tf, x, book, SIMILAR, SearchMode.FAST),
        SIMILAR);
    if (withDifferences) {
      for (Norm norm : Norm.values()) {
        add(
            "nearest, " + norm + ", by differences",
            distance(norm),
            NearestCode.indices(tf, x, book, norm, SearchMode.EXACT),
            1);
      }
      add("the original's formula, L2", Distance.SQUARED, original(tf, x, book), 1);
    }
    return new Race(
        "look-up of " + rows + " in " + size + " codes of width " + width,
        contenders,
        () -> {
          one.close();
          vectors.close();
          codes.close();
        });
  }

  private void add(String name, Distance distance, Operand<TInt32> indices, int many) {
    BruteForce.checkNearest(
        name,
        distance,
        TimedGraph.numbers(vectors),
        TimedGraph.numbers(codes),
        width,
        one.indices(x, vectors, indices),
        many);
    contenders.add(one.contender(name, x, vectors, indices));
  }

  private static Distance distance(Norm norm) {
    return switch (norm) {
      case L1 -> Distance.L1;
      case L2 -> Distance.SQUARED;
      case LINF -> Distance.LINF;
    };
  }

  /** {@code argmin ‖x‖² − 2x·e + ‖e‖²}, as most libraries have it. */
  private static Operand<TInt32> expanded(Ops tf, Operand<TFloat32> x, Operand<TFloat32> book) {
    Operand<TFloat32> squares = tf.reduceSum(tf.math.square(book), tf.constant(1));
    Operand<TFloat32> product = tf.linalg.matMul(x, book, MatMul.transposeB(true));
    Operand<TFloat32> own =
        tf.expandDims(tf.reduceSum(tf.math.square(x), tf.constant(1)), tf.constant(1));
    Operand<TFloat32> distances =
        tf.math.add(tf.math.sub(own, tf.math.mul(tf.constant(2f), product)), squares);
    return tf.math.argMin(distances, tf.constant(1), TInt32.class);
  }

  /** The original's: the norm of all differences, {@code [N, K, D]}; written here anew. */
  private static Operand<TInt32> original(Ops tf, Operand<TFloat32> x, Operand<TFloat32> book) {
    Operand<TFloat32> differences =
        tf.math.sub(tf.expandDims(x, tf.constant(1)), tf.expandDims(book, tf.constant(0)));
    Operand<TFloat32> norms =
        tf.math.sqrt(tf.reduceSum(tf.math.square(differences), tf.constant(2)));
    return tf.math.argMin(norms, tf.constant(1), TInt32.class);
  }
}
