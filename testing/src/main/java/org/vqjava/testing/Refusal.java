/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.security.CodeSource;
import java.util.Objects;
import org.junit.jupiter.api.function.Executable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * Tells a refusal by the library from a failure of the reader, which would pass for one.
 *
 * <p>A refusal is an {@link IllegalArgumentException} that the library threw, or a {@link
 * TensorFlowException} of the library's operations, while they are built or while they run.
 */
public final class Refusal {
  private static final String SESSION = "org.tensorflow.Session";
  private static final String OF_TENSORFLOW = "org.tensorflow.exceptions.";

  private Refusal() {}

  /**
   * Fails unless the library refuses.
   *
   * @param what is to be refused, for the message
   * @param reader a class beside the reader, whose module's test classes are no library
   * @param action what is tried
   * @throws AssertionError if nothing was refused, or the reader itself failed
   * @throws Throwable whatever else is thrown, which is a failure too
   */
  public static void expect(String what, Class<?> reader, Executable action) throws Throwable {
    try {
      action.execute();
    } catch (IllegalArgumentException | TensorFlowException e) {
      if (isByTheLibrary(e, reader)) {
        return;
      }
      throw new AssertionError(what + ": the reader failed before anything was refused", e);
    }
    throw new AssertionError(what + ": nothing was refused");
  }

  /**
   * Whether the library threw this, not the reader.
   *
   * @param thrown what was caught
   * @param reader as in {@link #expect}
   * @return true if it is a refusal
   */
  public static boolean isByTheLibrary(RuntimeException thrown, Class<?> reader) {
    boolean ofTensorFlow = thrown.getClass().getName().startsWith(OF_TENSORFLOW);
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (ofTensorFlow && frame.getClassName().startsWith(SESSION)) {
        return true;
      }
      boolean ofTheMachineOrTensorFlow =
          frame.getModuleName() != null || frame.getClassName().startsWith("org.tensorflow.");
      if (!ofTheMachineOrTensorFlow) {
        return !isReader(frame.getClassName(), reader);
      }
    }
    return false;
  }

  private static boolean isReader(String className, Class<?> reader) {
    try {
      CodeSource source =
          Class.forName(className, false, reader.getClassLoader())
              .getProtectionDomain()
              .getCodeSource();
      return isFrom(source, reader) || isFrom(source, Refusal.class);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isFrom(CodeSource source, Class<?> type) {
    return Objects.equals(
        source.getLocation(), type.getProtectionDomain().getCodeSource().getLocation());
  }
}
