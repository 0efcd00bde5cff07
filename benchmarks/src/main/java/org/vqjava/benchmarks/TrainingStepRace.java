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
  private TrainingStepRace() {}

  static Race of(int rows, int size, int width) {
    OneThread one = new OneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1, width);
    TFloat32 vectors = OneThread.normal(1, rows, width);
    TFloat32 codes = OneThread.normal(2, size, width);
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        one.contender(
            "multiplication alone",
            x,
            vectors,
            tf.linalg.matMul(x, tf.constantOf(codes), MatMul.transposeB(true))));
    VqOptions plain = VqOptions.defaults().withAlpha(0).withBeta(0).withGamma(0);
    contenders.add(
        one.contender("α", x, vectors, step(one, x, "a", size, width, plain.withAlpha(1))));
    contenders.add(
        one.contender("β", x, vectors, step(one, x, "b", size, width, plain.withBeta(1))));
    contenders.add(
        one.contender(
            "α, β and Coulomb",
            x,
            vectors,
            step(one, x, "abc", size, width, plain.withAlpha(1).withBeta(1).withGamma(1))));
    one.session().initialize();
    return new Race(
        "training step of " + rows + " in " + size + " codes of width " + width,
        contenders,
        () -> {
          one.close();
          vectors.close();
          codes.close();
        });
  }

  private static Op step(
      OneThread one, Operand<TFloat32> x, String name, int size, int width, VqOptions options) {
    Codebook<TFloat32> codebook =
        Codebook.create(one.tf(), name, size, width, CodebookInitializer.normal(1, 2));
    VqEndpoints<TFloat32> vq =
        VectorQuantization.vectorQuantization(one.tf(), x, codebook, options);
    return Training.minimize(
        one.tf(),
        vq.losses().total(),
        List.of(codebook.variable()),
        new GradientDescent(one.graph(), 1e-9f));
  }
}
