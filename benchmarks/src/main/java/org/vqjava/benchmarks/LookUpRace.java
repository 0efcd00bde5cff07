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
import org.vqjava.ops.MostSimilarCodes;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;

/** Which code is nearest, beside the bare multiplication of vectors and codes. */
final class LookUpRace {
  private LookUpRace() {}

  /** The difference of every vector from every code takes {@code N·K·D} numbers: small shapes. */
  static Race of(int rows, int size, int width, boolean withDifferences) {
    TimedGraph one = TimedGraph.ofOneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1, width);
    TFloat32 vectors = TimedGraph.normal(1, rows, width);
    TFloat32 codes = TimedGraph.normal(2, size, width);
    Operand<TFloat32> book = tf.constantOf(codes);
    Operand<TFloat32> product = tf.linalg.matMul(x, book, MatMul.transposeB(true));
    Operand<TInt32> fast = NearestCode.indices(tf, x, book, Norm.L2, SearchMode.FAST);
    BruteForce.checkNearest(
        "nearest, L2",
        TimedGraph.numbers(vectors),
        TimedGraph.numbers(codes),
        width,
        one.indices(x, vectors, fast));
    List<Contender> contenders = new ArrayList<>();
    contenders.add(one.contender("multiplication alone", x, vectors, product));
    contenders.add(one.contender("nearest, L2", x, vectors, fast));
    contenders.add(
        one.contender("expanded formula, whole matrix", x, vectors, expanded(tf, x, book)));
    contenders.add(
        one.contender(
            "most similar, cosine",
            x,
            vectors,
            MostSimilarCodes.first(tf, x, book, SearchMode.FAST)));
    contenders.add(
        one.contender(
            "8 most similar", x, vectors, MostSimilarCodes.top(tf, x, book, 8, SearchMode.FAST)));
    if (withDifferences) {
      for (Norm norm : Norm.values()) {
        contenders.add(
            one.contender(
                "nearest, " + norm + ", by differences",
                x,
                vectors,
                NearestCode.indices(tf, x, book, norm, SearchMode.EXACT)));
      }
      contenders.add(
          one.contender("the original's formula, L2", x, vectors, original(tf, x, book)));
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
