/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.Arrays;
import java.util.Objects;

/**
 * Codes were given new values.
 *
 * @param step after which
 * @param count how many
 * @param codes which, {@code [count]}; empty if that is not known
 * @param policy how they were chosen, in a word or two
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, compared by content
public record Replacement(long step, int count, int[] codes, String policy) {
  /**
   * Checks the numbers.
   *
   * @param step after which, at least 0
   * @param count how many, at least 0
   * @param codes which; none, or as many as {@code count} has
   * @param policy how they were chosen
   * @throws IllegalArgumentException if a number is negative, or there are other codes than counted
   */
  public Replacement {
    Check.atLeast("step", 0, step);
    Check.atLeast("count", 0, count);
    Objects.requireNonNull(policy, "policy");
    if (codes.length != 0 && codes.length != count) {
      throw new IllegalArgumentException(
          "codes must be none or " + count + ", got " + codes.length);
    }
    for (int code : codes) {
      Check.atLeast("codes", 0, code);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Replacement that
        && step == that.step
        && count == that.count
        && Arrays.equals(codes, that.codes)
        && policy.equals(that.policy);
  }

  @Override
  public int hashCode() {
    return Objects.hash(step, count, Arrays.hashCode(codes), policy);
  }
}
