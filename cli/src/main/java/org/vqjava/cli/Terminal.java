/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

/** Whether somebody is looking. */
final class Terminal {
  private Terminal() {}

  /**
   * Whether standard error is a terminal, as the launcher found. Java 17 cannot tell: its console
   * is missing when standard input is a file, and from Java 22 on it is always there.
   */
  static boolean isThere() {
    return Boolean.getBoolean("vq.terminal");
  }
}
