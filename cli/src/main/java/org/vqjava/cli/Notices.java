/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * Keeps a notice of TensorFlow off the standard error: "MLIR V1 optimization pass is not enabled",
 * and a warning that the logging of it is not set up. The first session of a process says it,
 * whatever {@code TF_CPP_MIN_LOG_LEVEL} is, and no function of the library's sets that logging's
 * own level. So a first session is run while descriptor 2 leads nowhere; then it is itself again,
 * and all that TensorFlow has to say later is seen.
 *
 * <p>For commands only: a program that uses the library keeps its descriptors as they are.
 */
final class Notices {
  private static final int STANDARD_ERROR = 2;

  private Notices() {}

  /** Of the C library. */
  private interface Descriptors extends Library {
    int dup2(int from, int to);
  }

  /** Does nothing if the launcher has not opened the descriptors. */
  static void keepOff() {
    String real = System.getenv("VQ_STDERR");
    String nowhere = System.getenv("VQ_NOWHERE");
    if (real == null || nowhere == null) {
      return;
    }
    Descriptors descriptors = Native.load(Platform.C_LIBRARY_NAME, Descriptors.class);
    System.err.flush();
    descriptors.dup2(Integer.parseInt(nowhere), STANDARD_ERROR);
    try {
      runSomething();
    } finally {
      descriptors.dup2(Integer.parseInt(real), STANDARD_ERROR);
    }
  }

  private static void runSomething() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      session.runner().addTarget(Ops.create(graph).noOp()).run().close();
    }
  }
}
