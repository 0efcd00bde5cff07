/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

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
class ClusteringReadersTest {
  @ParameterizedTest
  @ValueSource(strings = {"algorithm-2d-sum", "per-channel-last-avg"})
  void aCaseMayLackWhatOnlyAGradientNeeds(String name) {
    runs(name, root -> inputs(root).remove("upstream"));
    runs(
        name,
        root -> {
          inputs(root).remove("upstream");
          ((ObjectNode) root.get("expected")).remove("gradients");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "algorithm-2d-sum, cluster_gradient_aggregation, MEDIAN",
    "per-channel-last-sum, data_format, channels_middle",
    "init-linear, number_of_clusters, 0",
    "init-density, number_of_clusters, -1",
    "init-kmeans, number_of_clusters, 0",
    "trace-dense-linear-sum, number_of_clusters, 1",
    "trace-dense-linear-sum, cluster_gradient_aggregation, MEDIAN"
  })
  void theLibraryRefusesAParameter(String name, String key, String value) {
    for (boolean inputs : new boolean[] {true, false}) {
      runs(
          name,
          root -> {
            ObjectNode params = refused(root);
            if (params.get(key).isTextual()) {
              params.put(key, value);
            } else {
              params.put(key, Integer.parseInt(value));
            }
            if (!inputs) {
              inputs(root).remove("upstream");
              inputs(root).remove("cluster_centroids");
            }
          });
    }
  }

  @Test
  void theLibraryRefusesCentroidsOfAnotherRank() {
    runs("algorithm-2d-sum", root -> scalar(root, "cluster_centroids"));
    runs("per-channel-last-sum", root -> scalar(root, "cluster_centroids"));
    runs("per-channel-last-sum", root -> scalar(root, "weight"));
    runs("init-linear-per-channel", root -> scalar(root, "weights"));
  }

  @Test
  void whatTheLibraryTakesIsNotRefused() {
    for (String name :
        new String[] {"algorithm-2d-sum", "init-linear", "enough-weights-whole-kernel"}) {
      assertThrows(AssertionError.class, () -> run(name, root -> refused(root)), name);
    }
  }

  private static void scalar(ObjectNode root, String key) {
    refused(root);
    ObjectNode tensor = inputs(root).putObject(key).put("dtype", "float32");
    tensor.putArray("shape");
    tensor.putArray("values").add(1);
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
    GoldenCases.runChanged(
        "clustering/" + name, ClusteringReadersTest.class, change, ClusteringGoldenCasesTest::run);
  }
}
