/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Objects;

/** Refuses arguments that cannot be written, before anything is. */
final class Check {
  private Check() {}

  /** A tag that TensorBoard can show and that is not one of its HParams plugin. */
  static String tag(String tag) {
    notBlank("tag", tag);
    if (tag.startsWith(SummaryValues.HPARAMS_PREFIX)) {
      throw new IllegalArgumentException(
          "tag must not start with '" + SummaryValues.HPARAMS_PREFIX + "', got '" + tag + "'");
    }
    return tag;
  }

  static String notBlank(String name, String value) {
    Objects.requireNonNull(value, name);
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be blank, got '" + value + "'");
    }
    return value;
  }

  static long atLeast(String name, long least, long value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
    }
    return value;
  }

  static double finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, got " + value);
    }
    return value;
  }

  /** All of {@code values} are finite. */
  static void finite(String name, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            name + " must be finite, got " + values[i] + " at index " + i);
      }
    }
  }
}
