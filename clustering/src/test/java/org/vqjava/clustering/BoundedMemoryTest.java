/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.testing.ChildProcess;

/** The matrix of all distances would take 1,024 bytes a weight. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's /proc tells the figure")
class BoundedMemoryTest {
  private static final long BYTES_A_WEIGHT = 24;

  @Test
  void aForwardPassTakesFewBytesAWeight(@TempDir Path directory) throws Exception {
    List<String> lines =
        ChildProcess.run(ClusteringProcess.class, "256m", directory.resolve("output"));
    double bytes = ChildProcess.number(lines, "KiB") * 1024.0 / ClusteringProcess.WEIGHTS;
    System.out.printf("clustering forward: %.1f bytes a weight%n", bytes);
    assertTrue(bytes <= BYTES_A_WEIGHT, () -> bytes + " bytes a weight");
  }
}
