/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;

/** A step of the codebook by its losses, beside the bare multiplication of vectors and codes. */
final class TrainingStepRace {
  /** Small, so that the codes stay where they are, however many steps are taken. */
  private static final float RATE = 1e-9f;

  private static final VqOptions PLAIN = VqOptions.defaults().withAlpha(0).withBeta(0).withGamma(0);
  private static final VqOptions ALL = PLAIN.withAlpha(1).withBeta(1).withGamma(1);

  private final TimedGraph one = TimedGraph.ofOneThread();
  private final Ops tf = one.tf();
  private final Placeholder<TFloat32> x;
  private final TFloat32 vectors;
  private final int size;
  private final int width;
  private final List<Contender> contenders = new ArrayList<>();

  private TrainingStepRace(int rows, int size, int width) {
    this.size = size;
    this.width = width;
    x = one.fed(-1, width);
    vectors = TimedGraph.normal(1, rows, width);
  }

  /** The difference of every vector from every code takes {@code N·K·D} numbers: small shapes. */
  static Race of(int rows, int size, int width, boolean withDifferences) {
    return new TrainingStepRace(rows, size, width).race(rows, withDifferences);
  }

  private Race race(int rows, boolean withDifferences) {
    TFloat32 codes = TimedGraph.normal(2, size, width);
    add("multiplication alone", tf.linalg.matMul(x, tf.constantOf(codes), MatMul.transposeB(true)));
    add("α", step(layer("a", PLAIN.withAlpha(1))));
    add("β", step(layer("b", PLAIN.withBeta(1))));
    add("Coulomb", step(layer("c", PLAIN.withGamma(1))));
    Layer all = layer("abc", ALL);
    add("α, β and Coulomb", step(all));
    add("α, replacement kept up", replacing());
    List<Operand<TFloat32>> others = new ArrayList<>();
    Codebook<TFloat32> same = codebook("expanded");
    others.add(expandedLoss(same));
    add("α, β and Coulomb, expanded formula", minimize(others.get(0), same));
    if (withDifferences) {
      Codebook<TFloat32> original = codebook("original");
      others.add(originalLoss(original));
      add("the original's formula", minimize(others.get(1), original));
    }
    one.session().initialize();
    double loss = one.numbers(x, vectors, all.endpoints().losses().total())[0];
    for (Operand<TFloat32> other : others) {
      BruteForce.check("the loss", one.numbers(x, vectors, other)[0], loss, Math.abs(loss));
    }
    return new Race(
        "training step of " + rows + " in " + size + " codes of width " + width,
        contenders,
        () -> {
          one.close();
          vectors.close();
          codes.close();
        });
  }

  private record Layer(Codebook<TFloat32> codebook, VqEndpoints<TFloat32> endpoints) {}

  private void add(String name, Op target) {
    contenders.add(one.contender(name, x, vectors, target));
  }

  private Codebook<TFloat32> codebook(String name) {
    return Codebook.create(tf, name, size, width, CodebookInitializer.normal(1, 2));
  }

  private Layer layer(String name, VqOptions options) {
    Codebook<TFloat32> codebook = codebook(name);
    return new Layer(codebook, VectorQuantization.vectorQuantization(tf, x, codebook, options));
  }

  private Op step(Layer layer) {
    return minimize(layer.endpoints().losses().total(), layer.codebook());
  }

  private Op minimize(Operand<TFloat32> loss, Codebook<TFloat32> codebook) {
    return Training.minimize(
        tf, loss, List.of(codebook.variable()), new GradientDescent(one.graph(), RATE));
  }

  /** Counts accesses and keeps the inputs that are farthest from their codes. */
  private Op replacing() {
    Layer layer = layer("r", PLAIN.withAlpha(1).withReplaced(8));
    Op step = step(layer);
    Op update = layer.endpoints().replacement().orElseThrow().update();
    return tf.withControlDependencies(List.of(step, update)).noOp();
  }

  /** α, β and Coulomb by {@code ‖x‖² − 2x·e + ‖e‖²} and TensorFlow's own derivatives. */
  private Operand<TFloat32> expandedLoss(Codebook<TFloat32> codebook) {
    Operand<TFloat32> e = tf.identity(codebook.variable());
    return loss(tf.math.sqrt(tf.math.maximum(squares(x, e), tf.constant(1e-6f))), squares(e, e));
  }

  private Operand<TFloat32> squares(Operand<TFloat32> a, Operand<TFloat32> b) {
    Operand<TFloat32> ofA =
        tf.expandDims(tf.reduceSum(tf.math.square(a), tf.constant(1)), tf.constant(1));
    Operand<TFloat32> ofB = tf.reduceSum(tf.math.square(b), tf.constant(1));
    Operand<TFloat32> products = tf.linalg.matMul(a, b, MatMul.transposeB(true));
    return tf.math.add(tf.math.sub(ofA, tf.math.mul(tf.constant(2f), products)), ofB);
  }

  /** The original's: all differences, {@code [N, K, D]}, and TensorFlow's own derivatives. */
  private Operand<TFloat32> originalLoss(Codebook<TFloat32> codebook) {
    Operand<TFloat32> e = tf.identity(codebook.variable());
    return loss(tf.math.sqrt(squaredDifferences(x, e)), squaredDifferences(e, e));
  }

  private Operand<TFloat32> squaredDifferences(Operand<TFloat32> a, Operand<TFloat32> b) {
    return tf.reduceSum(
        tf.math.squaredDifference(
            tf.expandDims(a, tf.constant(1)), tf.expandDims(b, tf.constant(0))),
        tf.constant(2));
  }

  private Operand<TFloat32> loss(Operand<TFloat32> distances, Operand<TFloat32> betweenCodes) {
    Operand<TFloat32> alpha = tf.math.mean(tf.min(distances, tf.constant(1)), tf.constant(0));
    Operand<TFloat32> beta = tf.math.mean(tf.reduceSum(distances, tf.constant(1)), tf.constant(0));
    Operand<TFloat32> itself =
        tf.linalg.tensorDiag(tf.fill(tf.constant(new int[] {size}), tf.constant(1e30f)));
    Operand<TFloat32> others = tf.math.add(betweenCodes, itself);
    Operand<TFloat32> closest = tf.math.sqrt(tf.min(others, tf.constant(1)));
    Operand<TFloat32> coulomb = tf.math.neg(tf.reduceSum(closest, tf.constant(0)));
    return tf.math.add(tf.math.add(alpha, beta), coulomb);
  }
}
