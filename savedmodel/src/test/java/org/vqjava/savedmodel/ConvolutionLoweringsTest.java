/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.testing.ChildProcess;

/** Convolutions are right, forward and backward, whatever TensorFlow computes them with. */
class ConvolutionLoweringsTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void eachKindIsEqualToItsDefinitionWithAndWithoutOneDnn(String oneDnn, @TempDir Path directory)
      throws Exception {
    List<String> lines =
        ChildProcess.run(
            Map.of("TF_ENABLE_ONEDNN_OPTS", oneDnn, "TF_CPP_MIN_LOG_LEVEL", "2"),
            ConvolutionProcess.class,
            "512m",
            directory.resolve("printed"),
            directory.toString());
    int cases = ConvolutionCase.all().size() + ChannelsFirst.all().size();
    List<String> compared = List.of("compared " + cases);
    assertEquals(
        compared,
        lines.stream().filter(line -> line.matches("(wrong|failed|compared) .*")).toList());
  }
}
