/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.pq.EM;
import org.vqjava.clustering.pq.EmDraws;
import org.vqjava.clustering.pq.EmOptions;

/**
 * A step of Lloyd's algorithm, as of product quantization, beside the bare multiplication of blocks
 * and centroids.
 */
final class EmRace {
  private EmRace() {}

  static Race of(int count, int size, int width) {
    TimedGraph one = TimedGraph.ofOneThread();
    Ops tf = one.tf();
    Placeholder<TFloat32> x = one.fed(-1, width);
    TFloat32 tensor = TimedGraph.normal(1, count, width);
    float[] blocks = TimedGraph.numbers(tensor);
    TFloat32 centroids = TimedGraph.normal(2, size, width);
    EmDraws draws = EmDraws.seeded(1);
    EM em = new EM(blocks, width, EmOptions.ofCentroids(size));
    // Blocks, so that no cluster is empty and none is split.
    float[] before = Arrays.copyOf(blocks, size * width);
    em.start(before);
    em.step(draws);
    check(blocks, before, em, width);
    return new Race(
        "step of EM, " + count + " blocks, " + size + " centroids of width " + width,
        List.of(
            one.contender(
                "multiplication alone",
                x,
                tensor,
                tf.linalg.matMul(x, tf.constantOf(centroids), MatMul.transposeB(true))),
            new Contender("EM.step", () -> em.step(draws))),
        () -> {
          em.close();
          one.close();
          tensor.close();
          centroids.close();
        });
  }

  /** Assignments are nearest, and the centroids the means of what is assigned to them. */
  private static void check(float[] blocks, float[] before, EM em, int width) {
    int[] assignments = em.assignments();
    BruteForce.checkNearest("EM.step", blocks, before, width, assignments);
    int size = before.length / width;
    double[] sums = new double[before.length];
    double[] counts = new double[size];
    for (int n = 0; n < assignments.length; n++) {
      counts[assignments[n]]++;
      for (int d = 0; d < width; d++) {
        sums[assignments[n] * width + d] += blocks[n * width + d];
      }
    }
    float[] after = em.centroids();
    for (int i = 0; i < sums.length; i++) {
      if (counts[i / width] > 0) {
        BruteForce.check("mean " + i, sums[i] / counts[i / width], after[i], 1);
      }
    }
  }
}
