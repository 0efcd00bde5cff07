/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** The figures in closed form. */
class CodebookUsageTest {
  @Test
  void aTensorIsTakenAsItComes() {
    CodebookUsage usage = new CodebookUsage(3, 2);
    try (TInt64 counts = TInt64.vectorOf(1, 0, 3);
        TInt64 two = TInt64.vectorOf(1, 2);
        TInt32 narrow = TInt32.vectorOf(1, 0, 3)) {
      usage.add(counts);
      assertEquals(usage.summary(), CodebookUsage.Summary.of(counts));
      assertEquals(CodebookUsage.Summary.of(new long[] {1, 0, 3}), usage.summary());
      refused("accessCount must be int64, got DT_INT32", () -> usage.add(narrow));
      refused("accessCount must have a count for each of the 3 codes, got 2", () -> usage.add(two));
    }
  }

  @Test
  void codesThatAreTakenEquallyOftenHaveTheirNumberAsPerplexity() {
    CodebookUsage usage = new CodebookUsage(8, 1);
    usage.add(new long[] {3, 0, 3, 3, 0, 0, 3, 0});
    CodebookUsage.Summary summary = usage.summary();
    assertEquals(12, summary.accesses());
    assertEquals(4, summary.used());
    assertEquals(4, summary.dead());
    assertEquals(0.5, summary.usage());
    assertEquals(Math.log(4), summary.entropy(), 1e-12);
    assertEquals(4, summary.perplexity(), 1e-12);
    assertArrayEquals(new int[] {1, 4, 5, 7}, usage.deadCodes());
  }

  @Test
  void entropyIsThatOfTheFrequencies() {
    CodebookUsage.Summary summary = CodebookUsage.Summary.of(new long[] {1, 3});
    assertEquals(-(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)), summary.entropy(), 1e-12);
  }

  @Test
  void oneCodeHasPerplexityOne() {
    assertEquals(1, CodebookUsage.Summary.of(new long[] {0, 9}).perplexity());
  }

  @Test
  void nothingLookedUpIsAllZeros() {
    assertEquals(new CodebookUsage.Summary(0, 3, 0, 0, 0), new CodebookUsage(3, 2).summary());
  }

  @Test
  void batchesLeaveTheWindowInTheirOrder() {
    CodebookUsage usage = new CodebookUsage(3, 2);
    usage.add(new long[] {1, 0, 0});
    usage.add(new long[] {0, 1, 0});
    assertEquals(2, usage.summary().used());
    usage.add(new long[] {0, 1, 0});
    assertEquals(1, usage.summary().used());
    assertEquals(2, usage.summary().accesses());
    assertArrayEquals(new int[] {0, 2}, usage.deadCodes());
    usage.clear();
    assertEquals(0, usage.summary().accesses());
    usage.add(new long[] {0, 0, 5});
    assertEquals(5, usage.summary().accesses());
  }

  @Test
  void countsAreCopied() {
    CodebookUsage usage = new CodebookUsage(2, 1);
    long[] counts = {4, 0};
    usage.add(counts);
    Arrays.fill(counts, 100);
    usage.add(new long[] {0, 1});
    assertEquals(1, usage.summary().accesses());
  }

  @Test
  void refusesWhatIsNoCount() {
    refused("size must be at least 1, got 0", () -> new CodebookUsage(0, 1));
    refused("window must be at least 1, got 0", () -> new CodebookUsage(1, 0));
    CodebookUsage usage = new CodebookUsage(2, 1);
    refused(
        "accessCount must have a count for each of the 2 codes, got 3",
        () -> usage.add(new long[3]));
    refused("accessCount must not be negative, got -1", () -> usage.add(new long[] {1, -1}));
    assertEquals(0, usage.summary().accesses(), "what is refused leaves no trace");
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
