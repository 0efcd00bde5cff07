/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenCases;

/** The cases of fairseq's implementation. */
class PqGoldenCasesTest {
  @TestFactory
  Stream<DynamicTest> cases() {
    return GoldenCases.tests("pq", PqGoldenCasesTest.class, PqGoldenCasesTest::run);
  }

  static void run(GoldenCase golden) {
    switch (golden.function()) {
      case "pq_reshape" -> LayoutReader.reshape(golden);
      case "pq_encode_decode" -> LayoutReader.encodeDecode(golden);
      case "em_step" -> EmReader.step(golden);
      case "em_run" -> EmReader.run(golden);
      case "em_run_properties" -> EmReader.properties(golden);
      case "pq_module_forward_and_gradient" -> ModuleReader.run(golden);
      case "size_tracker" -> PlanReader.sizes(golden);
      case "get_layers" -> PlanReader.layers(golden);
      case "get_param" -> PlanReader.parameters(golden);
      case "quantize_model" -> PlanReader.quantize(golden);
      default -> throw new AssertionError("the reader does not know " + golden.function());
    }
  }
}
