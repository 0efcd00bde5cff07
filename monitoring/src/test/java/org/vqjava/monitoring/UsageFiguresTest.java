/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class UsageFiguresTest {
  @Test
  void aCollapsedCodebookHasPerplexityOne() {
    UsageFigures figures = UsageFigures.of(new long[] {0, 0, 1000, 0});
    assertEquals(1, figures.summary().perplexity());
    assertEquals(0, figures.entropyBits());
    assertEquals(0.75, figures.gini(), 1e-15);
    assertEquals(1, figures.topShare());
    assertEquals(3, figures.summary().dead());
  }

  @Test
  void aUniformCodebookHasPerplexityK() {
    long[] counts = new long[512];
    Arrays.fill(counts, 7);
    UsageFigures figures = UsageFigures.of(counts);
    assertEquals(512, figures.summary().perplexity(), 1e-9);
    assertEquals(9, figures.entropyBits(), 1e-12);
    assertEquals(0, figures.gini(), 1e-12);
    assertEquals(1.0 / 512, figures.topShare(), 1e-15);
    assertEquals(1, figures.summary().usage());
  }

  @Test
  void nothingTakenIsZeroThroughout() {
    UsageFigures figures = UsageFigures.of(new long[5]);
    assertEquals(0, figures.summary().perplexity());
    assertEquals(0, figures.gini());
    assertEquals(0, figures.topShare());
  }

  /** Gini's own definition: the mean difference of two counts over twice their mean. */
  @RepeatedTest(20)
  void figuresAreThoseOfTheirDefinitions(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    long[] counts = random.longs(1 + random.nextInt(40), 0, 100).toArray();
    counts[0]++;
    double total = Arrays.stream(counts).sum();
    double differences = 0;
    double bits = 0;
    for (long one : counts) {
      for (long other : counts) {
        differences += Math.abs(one - other);
      }
      bits -= one == 0 ? 0 : one / total * (Math.log(one / total) / Math.log(2));
    }
    double mean = total / counts.length;
    UsageFigures figures = UsageFigures.of(counts);
    assertEquals(
        differences / ((double) counts.length * counts.length) / (2 * mean), figures.gini(), 1e-12);
    assertEquals(bits, figures.entropyBits(), 1e-12);
    assertEquals(Math.pow(2, bits), figures.summary().perplexity(), 1e-9);
  }
}
