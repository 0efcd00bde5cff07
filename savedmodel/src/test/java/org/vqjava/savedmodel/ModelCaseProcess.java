/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.nio.file.Path;

/** Checks {@linkplain ModelCase cases}, its arguments, in a process of its own. */
final class ModelCaseProcess {
  private ModelCaseProcess() {}

  public static void main(String[] folders) {
    for (String folder : folders) {
      String name = String.valueOf(Path.of(folder).getFileName());
      try {
        new ModelCase(Path.of(folder)).check();
        System.out.println("right " + name);
      } catch (Exception | AssertionError e) {
        System.out.println("wrong " + name + ": " + e);
      }
    }
  }
}
