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

/**
 * The design holds at most five tensors of the weights' size at once, whatever order the threads
 * work in: the cell of each weight, what two tables say of the cell, where the weight is against
 * its bound (a byte), and the difference that carries the gradient. The matrix of all distances
 * would be 256 of them.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's /proc tells the figure")
class BoundedMemoryTest {
  private static final long TENSORS = 5;

  /** What does not grow with the weights: tables, threads, compiled code. */
  private static final long FIXED_BYTES = 64 << 20;

  @Test
  void aForwardPassTakesFewTensorsOfTheWeightsSize(@TempDir Path directory) throws Exception {
    List<String> lines =
        ChildProcess.run(ClusteringProcess.class, "256m", directory.resolve("output"));
    long bytes = ChildProcess.number(lines, "KiB") * 1024;
    long limit = TENSORS * Float.BYTES * ClusteringProcess.WEIGHTS + FIXED_BYTES;
    assertTrue(bytes <= limit, () -> bytes + " bytes, at most " + limit);
  }
}
