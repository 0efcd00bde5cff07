/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Distances;
import org.vqjava.ops.Norm;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenTensor;
import org.vqjava.testing.Tolerance;

/** Runs cases of the EM algorithm. */
final class EmReader {
  private EmReader() {}

  private static EmOptions options(GoldenNode params) {
    return EmOptions.original(
        params.integer("n_centroids"),
        params.integer("n_iter"),
        params.number("eps"),
        params.integer("max_tentatives"));
  }

  static void step(GoldenCase golden) {
    GoldenNode inputs = golden.inputs();
    GoldenTensor w = inputs.tensor("w");
    GoldenTensor centroids = inputs.tensor("centroids");
    int width = GoldenDraws.width(w);
    try (EM em = new EM(GoldenDraws.transposed(w), width, options(golden.params()))) {
      em.start(GoldenDraws.floats(centroids));
      check(golden.tolerance(), golden.expected(), em.step(new GoldenDraws(inputs)), em);
    }
    GoldenTensor distances = golden.expected().tensor("distances");
    golden
        .tolerance()
        .check(
            "distances",
            Evaluate.one(
                tf ->
                    Distances.pairwise(
                        tf,
                        tf.dtypes.cast(
                            tf.reshape(
                                tf.constant(centroids.doubles()),
                                tf.constant(new int[] {-1, width})),
                            TFloat32.class),
                        tf.dtypes.cast(
                            tf.linalg.transpose(
                                tf.reshape(
                                    tf.constant(w.doubles()), tf.constant(new int[] {width, -1})),
                                tf.constant(new int[] {1, 0})),
                            TFloat32.class),
                        Norm.L2)),
            distances.doubles());
  }

  static void run(GoldenCase golden) {
    GoldenNode inputs = golden.inputs();
    GoldenNode expected = golden.expected();
    GoldenTensor w = inputs.tensor("w");
    int width = GoldenDraws.width(w);
    try (EM em = new EM(GoldenDraws.transposed(w), width, options(golden.params()))) {
      if (inputs.has("centroids")) {
        em.start(GoldenDraws.floats(inputs.tensor("centroids")));
      } else {
        em.initialize(new GoldenDraws(inputs));
      }
      if (expected.has("initial_centroids")) {
        golden
            .tolerance()
            .check(
                "initial_centroids",
                GoldenDraws.doubles(em.centroids()),
                expected.tensor("initial_centroids").doubles());
      }
      for (GoldenCase.Step s : golden.steps()) {
        check(golden.tolerance(), s.expected(), em.step(new GoldenDraws(s.inputs())), em);
      }
      if (expected.has("assignments_after_assign")) {
        Tolerance.EXACT.check(
            "assignments_after_assign",
            GoldenDraws.doubles(em.assign()),
            expected.tensor("assignments_after_assign").doubles());
      }
    }
  }

  private static void check(Tolerance tolerance, GoldenNode expected, EmStep step, EM em) {
    Tolerance.EXACT.check(
        "resolved", new double[] {step.gaveUp() ? 0 : 1}, expected.tensor("resolved").doubles());
    Tolerance.EXACT.check(
        "n_splits", new double[] {step.splits()}, expected.tensor("n_splits").doubles());
    checkState(tolerance, expected, em.centroids(), em.assignments());
    if (expected.has("objective")) {
      tolerance.check(
          "objective", new double[] {step.objective()}, expected.tensor("objective").doubles());
    }
  }

  static void checkState(
      Tolerance tolerance, GoldenNode expected, float[] centroids, int[] assignments) {
    tolerance.check(
        "centroids", GoldenDraws.doubles(centroids), expected.tensor("centroids").doubles());
    Tolerance.EXACT.check(
        "assignments", GoldenDraws.doubles(assignments), expected.tensor("assignments").doubles());
  }

  static void properties(GoldenCase golden) {
    GoldenNode inputs = golden.inputs();
    GoldenNode expected = golden.expected();
    GoldenTensor w = inputs.tensor("w");
    int[] initial = GoldenDraws.ints(inputs, "initial_indices");
    EmDraws seeded = EmDraws.seeded(1);
    EmDraws draws =
        new EmDraws() {
          @Override
          public int[] initial(int centroids, int blocks) {
            return initial.clone();
          }

          @Override
          public int emptyCluster(int[] empty) {
            return seeded.emptyCluster(empty);
          }

          @Override
          public double[] noise(int width) {
            return seeded.noise(width);
          }
        };
    EmOptions options = options(golden.params());
    EmResult result =
        EM.fit(GoldenDraws.transposed(w), GoldenDraws.width(w), options, draws, step -> {});
    long used = Arrays.stream(result.assignments()).distinct().count();
    Tolerance.EXACT.check(
        "every_cluster_used",
        new double[] {used == options.centroids() ? 1 : 0},
        expected.tensor("every_cluster_used").doubles());
    double last = result.steps().get(result.steps().size() - 1).objective();
    double least = expected.tensor("objective_least").scalar();
    double most = expected.tensor("objective_most").scalar();
    assertTrue(last >= least && last <= most, () -> last + " in " + least + " to " + most);
  }
}
