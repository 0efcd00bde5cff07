/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenCases;

/** The cases of the original implementation, in both look-up modes. */
class VqGoldenCasesTest {
  @TestFactory
  Stream<DynamicTest> exact() {
    return GoldenCases.tests("vq", VqGoldenCasesTest.class, c -> run(c, SearchMode.EXACT));
  }

  @TestFactory
  Stream<DynamicTest> fast() {
    return GoldenCases.tests("vq", VqGoldenCasesTest.class, c -> run(c, SearchMode.FAST));
  }

  static void run(GoldenCase golden, SearchMode mode) throws Throwable {
    switch (golden.function()) {
      case "vector_quantization" -> VectorQuantizationReader.run(golden, mode);
      case "vector_quantization_trace" -> VectorQuantizationTraceReader.run(golden, mode);
      case "cosine_vector_quantization", "cosine_knn_vector_quantization" ->
          CosineReader.run(golden, mode);
      case "pca_reduce_dims" -> PcaReader.run(golden);
      default -> throw new AssertionError("the reader does not know " + golden.function());
    }
  }
}
