/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Files;
import java.nio.file.Path;

/** The file that a job writes. */
final class OutFile {
  private OutFile() {}

  /** Before anything is computed: what is there is not replaced, and NumPy goes by the name. */
  static void check(Path out) {
    if (!String.valueOf(out.getFileName()).endsWith(".npy")) {
      throw new IllegalArgumentException("out must end in .npy, got " + out);
    }
    if (Files.exists(out)) {
      throw new IllegalArgumentException("out must be a file that does not exist yet, got " + out);
    }
    Path folder = out.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new IllegalArgumentException("out must be in a folder that exists, got " + out);
    }
  }
}
