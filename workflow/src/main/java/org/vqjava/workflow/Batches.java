/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * Rows in batches that bound the memory.
 *
 * @param rows how many rows there are
 * @param largest how many are taken at a time
 * @param fixed whether a model takes that many and no fewer
 */
record Batches(long rows, int largest, boolean fixed) {
  /** Small beside what the layers of a network make of them. */
  private static final long MOST_NUMBERS = 1 << 18;

  private static final int MOST_ROWS = 256;

  static Batches of(long rows, Codec codec) {
    OptionalInt fixed = codec.fixedBatch();
    long fitting = MOST_NUMBERS / Math.max(1, codec.input().size());
    return new Batches(
        rows, fixed.orElse((int) Math.max(1, Math.min(MOST_ROWS, fitting))), fixed.isPresent());
  }

  int count() {
    return Math.toIntExact((rows + largest - 1) / largest);
  }

  /** How many rows a batch has, from 1; the last may have fewer. */
  int size(int batch) {
    return (int) Math.min(largest, rows - (batch - 1L) * largest);
  }

  /** How many rows the model is given, of which the last may be filling. */
  int fed(int size) {
    return fixed ? largest : size;
  }

  String told(int batch) {
    return String.format(Locale.ROOT, "%,d of %,d", Math.min(rows, (long) batch * largest), rows);
  }
}
