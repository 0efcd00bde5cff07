/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

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

  /** Does nothing if the launcher has not opened the descriptors, or the system has no dup2. */
  static void keepOff() {
    String real = System.getenv("VQ_STDERR");
    String nowhere = System.getenv("VQ_NOWHERE");
    if (real == null || nowhere == null) {
      return;
    }
    Pointer dup2 = dup2();
    if (dup2 == null) {
      return;
    }
    System.err.flush();
    redirect(dup2, Integer.parseInt(nowhere));
    try {
      runSomething();
    } finally {
      redirect(dup2, Integer.parseInt(real));
    }
  }

  private static void runSomething() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> zero = tf.constant(0f);
      try (Result result = session.runner().fetch(zero).run()) {
        result.get(0);
      }
    }
  }

  private static @Nullable Pointer dup2() {
    Loader.load(Deallocator_Pointer_long_Pointer.class);
    return Loader.addressof("dup2");
  }

  /**
   * Calls {@code dup2(to, 2)}. Java has no such call, and JavaCPP none of that signature; but a
   * function of a pointer, a length and a pointer gets its first two arguments in the registers in
   * which one of two ints finds them, on every platform that TensorFlow Java runs on.
   */
  private static void redirect(Pointer dup2, int to) {
    try (PointerPointer<Pointer> function = new PointerPointer<>(2);
        Pointer first = new Descriptor(to);
        Deallocator_Pointer_long_Pointer call = new Deallocator_Pointer_long_Pointer(function)) {
      function.put(0, dup2);
      call.call(first, STANDARD_ERROR, null);
    }
  }

  /** A pointer that is a number. */
  private static final class Descriptor extends Pointer {
    Descriptor(int value) {
      address = value;
    }
  }
}
