/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.nio.file.Path;

/**
 * Refuses a file by name, with what it must be and what it is.
 *
 * <p>Where there can be millions of checks, those that fail alone make a text: {@code if (…) throw
 * refused(…)}.
 */
record FileChecks(Path file) {

  void must(boolean holds, String condition, Object got) {
    if (!holds) {
      throw refused(condition, got);
    }
  }

  IllegalArgumentException refused(String condition, Object got) {
    return new IllegalArgumentException(file + " must " + condition + ", got " + got);
  }
}
