/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.testing.GoldenCases;

/** What a case may lack, and what the library, not the reader, refuses. */
class PqReadersTest {
  @ParameterizedTest
  @ValueSource(strings = {"linear-module", "conv-module", "embedding-module"})
  void aCaseMayLackWhatOnlyAGradientNeeds(String name) {
    runs(name, root -> inputs(root).remove("grad_output"));
  }

  @ParameterizedTest
  @CsvSource({
    "reshape-linear, block_size, 0",
    "reshape-linear-back, block_size, 0",
    "reshape-conv-3x3, block_size, -3",
    "em-step, n_centroids, 0",
    "em-run, n_iter, -1",
    "em-run-from-indices, max_tentatives, -1",
    "encode-linear, block_size, 0",
    "linear-module, block_size, 0",
    "conv-module, n_centroids, 0"
  })
  void theLibraryRefusesAParameter(String name, String key, int value) {
    runs(name, root -> refused(root).put(key, value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"em-step", "em-run"})
  void theLibraryRefusesBlocksThatAreAScalar(String name) {
    runs(
        name,
        root -> {
          refused(root);
          ObjectNode tensor = inputs(root).putObject("w").put("dtype", "float32");
          tensor.putArray("shape");
          tensor.putArray("values").add(1);
        });
  }

  @Test
  void aCaseThatIsToBeRefusedMayLackItsWeight() {
    runs("reshape-linear-indivisible", root -> inputs(root).removeAll());
  }

  @Test
  void whatTheLibraryTakesIsNotRefused() {
    for (String name : new String[] {"reshape-linear", "em-step", "encode-linear"}) {
      assertThrows(AssertionError.class, () -> run(name, root -> refused(root)), name);
    }
  }

  private static ObjectNode inputs(ObjectNode root) {
    return (ObjectNode) root.get("inputs");
  }

  private static ObjectNode refused(ObjectNode root) {
    root.putObject("expected").put("error", "ValueError");
    return (ObjectNode) root.get("params");
  }

  private static void runs(String name, Consumer<ObjectNode> change) {
    assertDoesNotThrow(() -> run(name, change), name);
  }

  private static void run(String name, Consumer<ObjectNode> change) throws Throwable {
    GoldenCases.runChanged("pq/" + name, PqReadersTest.class, change, PqGoldenCasesTest::run);
  }
}
