/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Models that Python wrote, with the figures that it computed: outputs, losses over some steps, and
 * outputs after them; then the same outputs of what is written here.
 */
class RetrainedModelCasesTest {
  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    return ModelFolders.cases().stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    String.valueOf(folder.getFileName()), () -> new ModelCase(folder).check()));
  }
}
