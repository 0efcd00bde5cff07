/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

/** Refuses what is out of range. */
final class Check {
  private Check() {}

  static long between(String name, long least, long most, long value) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be from " + least + " to " + most + ", got " + value);
    }
    return value;
  }
}
