/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vqjava.monitoring.HistogramBins;

/** Grids, cells of time and rounding. */
class RebinTest {
  @Test
  void whatFitsIsExact() {
    HistogramBins fine = new HistogramBins(new double[] {0, 1, 2, 3, 4}, new double[] {1, 2, 3, 4});
    assertArrayEquals(new double[] {3, 7}, Rebin.onto(fine, 0, 4, 2), 1e-12);
    assertArrayEquals(new double[] {1, 2, 3, 4}, Rebin.onto(fine, 0, 4, 4), 1e-12);
    assertArrayEquals(
        new double[] {.5, .5, 1, 1, 1.5, 1.5, 2, 2}, Rebin.onto(fine, 0, 4, 8), 1e-12);
  }

  @Test
  void whatLiesOutsideGoesIntoTheOuterBins() {
    HistogramBins wide =
        new HistogramBins(new double[] {-9, -8, 0, 8, 9}, new double[] {1, 0, 2, 4});
    double[] counts = Rebin.onto(wide, 0, 4, 4);
    assertEquals(7, Arrays.stream(counts).sum(), 1e-12);
    assertEquals(1.25, counts[0], 1e-12);
  }

  @Test
  void aSumHasAllOfBoth() {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      HistogramBins a = HistogramBins.of(random.doubles(20).toArray(), 1 + random.nextInt(9));
      HistogramBins b =
          HistogramBins.of(random.doubles(30, -3, 5).toArray(), 1 + random.nextInt(9));
      HistogramBins sum = Rebin.sum(a, b);
      assertEquals(50, Arrays.stream(sum.counts()).sum(), 1e-9);
      assertTrue(sum.edges()[0] <= a.edges()[0] && sum.edges()[0] <= b.edges()[0]);
    }
  }

  @Test
  void cellsOfTimeAreMergedAndLoseNothing() {
    RunStore store = new RunStore(Clock.systemUTC());
    DemoRuns.feed(store::snapshot, 16, 3000);
    store.read(
        "large",
        history -> {
          List<TimeCells.Cell> cells = history.cells().cells();
          assertTrue(cells.size() <= 512 && cells.size() > 256, () -> "" + cells.size());
          long sum = 0;
          long before = 0;
          for (TimeCells.Cell cell : cells) {
            sum += Arrays.stream(cell.counts()).asLongStream().sum();
            assertEquals(before + 1, cell.firstStep());
            before = cell.lastStep();
          }
          assertEquals(3000, before);
          assertEquals(3000L * 2048, sum);
          assertEquals(cells.get(0), history.cells().at(0));
          assertEquals(cells.get(cells.size() - 1), history.cells().at(Long.MAX_VALUE));
          assertTrue(history.views().size() <= 64);
          List<TimeCells.Cell> pooled = history.cells().pooled(100);
          assertTrue(pooled.size() <= 100 && pooled.size() > 50, () -> "" + pooled.size());
          assertEquals(
              3000L * 2048,
              pooled.stream().flatMapToLong(c -> Arrays.stream(c.counts()).asLongStream()).sum());
          assertEquals(3000, pooled.get(pooled.size() - 1).lastStep());
          assertEquals(cells.size(), history.cells().pooled(1000).size(), "few enough as they are");
          return 0;
        });
  }

  @Test
  void rowsAreThinnedFromTheOldEnd() {
    RunStore store = new RunStore(Clock.systemUTC());
    DemoRuns.feed(store::snapshot, 2, 20_001);
    store.read(
        "large",
        history -> {
          List<Row> rows = history.rows();
          assertEquals(15_001, rows.size());
          assertEquals(1, rows.get(0).step());
          assertEquals(3, rows.get(1).step());
          assertEquals(20_000, rows.get(rows.size() - 2).step());
          assertTrue(history.views().size() <= 64, () -> "" + history.views().size());
          return 0;
        });
  }

  @Test
  void fiveDigitsAreKept() {
    assertEquals(0.12346, Pictures.rounded(0.123456789));
    assertEquals(-123460, Pictures.rounded(-123456.7), 1e-9);
    assertEquals(0, Pictures.rounded(0));
    assertEquals(0, Pictures.rounded(Double.NaN));
    assertEquals(1.2346e-300, Pictures.rounded(1.23456789e-300), 1e-304);
    assertEquals(Double.MIN_VALUE, Pictures.rounded(Double.MIN_VALUE));
  }
}
