/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.GoldenCases;

/** What a case may lack, and what the library, not the reader, refuses. */
class VqReadersTest {
  @ParameterizedTest
  @ValueSource(strings = {"vq/l2-basic", "vq/cosine-basic", "vq/knn-3"})
  void aCaseMayLackWhatOnlyAGradientNeeds(String path) {
    runs(path, root -> remove(root, "inputs", "layer_out_gradient"));
    runs(
        path,
        root -> {
          remove(root, "inputs", "layer_out_gradient");
          remove(root, "expected", "gradients");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "num_splits, 0",
    "num_splits, -1",
    "num_splits, 7",
    "num_splits, 2147483647",
    "n, 0",
    "n, -1"
  })
  void theLibraryRefusesAParameter(String key, int value) {
    for (String path : new String[] {"vq/l2-basic", "vq/cosine-basic", "vq/knn-3"}) {
      runs(path, root -> refused(root).put(key, value));
      runs(
          path,
          root -> {
            refused(root).put(key, value);
            remove(root, "inputs", "emb_space");
            remove(root, "inputs", "emb_labels");
            remove(root, "inputs", "layer_out_gradient");
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theLibraryRefusesAnInputOfAnotherRank(int rank) {
    for (String path : new String[] {"vq/l2-basic", "vq/cosine-basic", "vq/knn-3"}) {
      runs(path, root -> ones(refusedInputs(root), rank));
    }
    runs(
        "vq/error-batch-init-too-few",
        root -> {
          ones((ObjectNode) root.at("/steps/0/inputs"), rank);
        });
    runs("vq/pca-reduce-tall", root -> ones(refusedInputs(root), rank));
  }

  @Test
  void aCaseThatIsToBeRefusedMayLackAllInputs() {
    runs(
        "vq/error-splits",
        root -> {
          refused(root);
          root.remove("inputs");
        });
  }

  @Test
  void whatTheLibraryTakesIsNotRefused() {
    for (String path : new String[] {"vq/l2-basic", "vq/cosine-basic", "vq/knn-3"}) {
      assertThrows(
          AssertionError.class, () -> run(path, root -> refused(root)), "nothing to refuse");
    }
  }

  private static ObjectNode refused(ObjectNode root) {
    root.putObject("expected").put("error", "ValueError");
    return (ObjectNode) root.get("params");
  }

  private static ObjectNode refusedInputs(ObjectNode root) {
    refused(root);
    return (ObjectNode) root.get("inputs");
  }

  private static void ones(ObjectNode inputs, int rank) {
    ObjectNode x = inputs.putObject("x").put("dtype", "float32");
    var shape = x.putArray("shape");
    for (int i = 0; i < rank; i++) {
      shape.add(1);
    }
    x.putArray("values").add(1);
  }

  private static void remove(ObjectNode root, String from, String key) {
    ((ObjectNode) root.get(from)).remove(key);
  }

  private static void runs(String path, Consumer<ObjectNode> change) {
    assertDoesNotThrow(() -> run(path, change), path);
  }

  private static void run(String path, Consumer<ObjectNode> change) throws Throwable {
    GoldenCases.runChanged(
        path,
        VqReadersTest.class,
        change,
        golden -> VqGoldenCasesTest.run(golden, SearchMode.EXACT));
  }
}
