/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenCases;

/** The cases of the original implementation. */
class ClusteringGoldenCasesTest {
  @TestFactory
  Stream<DynamicTest> cases() {
    return GoldenCases.tests(
        "clustering", ClusteringGoldenCasesTest.class, ClusteringGoldenCasesTest::run);
  }

  static void run(GoldenCase golden) {
    switch (golden.function()) {
      case "clustering_algorithm", "clustering_algorithm_per_channel" ->
          AlgorithmReader.run(golden);
      case "centroid_initialization" -> InitializationReader.run(golden);
      case "cluster_weights_trace" -> TraceReader.run(golden);
      case "layer_has_enough_weights_to_cluster" -> EnoughWeightsReader.run(golden);
      default -> throw new AssertionError("the reader does not know " + golden.function());
    }
  }
}
