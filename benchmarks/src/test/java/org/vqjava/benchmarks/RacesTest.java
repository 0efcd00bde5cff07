/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each benchmark runs; nothing is said of its time. */
class RacesTest {
  @Test
  void eachContenderRuns() {
    List<String> heard = new ArrayList<>();
    List<Race.Time> times = Races.run(1, true, heard::add);
    assertEquals(heard, times.stream().map(Race.Time::race).distinct().toList());
    assertTrue(times.stream().allMatch(time -> time.milliseconds() > 0), times::toString);
    assertTrue(times.stream().allMatch(time -> Double.isFinite(time.ratio())), times::toString);
    assertEquals(times.size() + heard.size(), Races.table(times).lines().count());
  }

  @Test
  void whereTheSystemTellsNoTimeTheTableSaysThatItRan() {
    for (double ratio : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      String table = Races.table(List.of(new Race.Time("race", "a", 0, ratio)));
      assertTrue(table.endsWith("     ran" + System.lineSeparator()), table);
    }
  }

  @Test
  void eachHasItsTurnInEveryRound() {
    List<String> turns = new ArrayList<>();
    boolean[] closed = {false};
    try (Race race =
        new Race("race", List.of(busy("a", turns), busy("b", turns)), () -> closed[0] = true)) {
      List<Race.Time> times = race.run(4, 0.05, 7);
      assertEquals(List.of("a", "b"), times.stream().map(Race.Time::contender).toList());
      assertEquals(1, times.get(0).ratio());
    }
    assertTrue(closed[0]);
    assertTrue(turns.size() >= 2 * 6, turns::toString);
    assertEquals(
        "rounds must be at least 1, got 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Race("r", List.of(busy("a", turns)), () -> {}).run(0, 0.05, 1))
            .getMessage());
  }

  /** A tenth of a second of the processor. */
  private static Contender busy(String name, List<String> turns) {
    return new Contender(
        name,
        () -> {
          turns.add(name);
          long end = System.nanoTime() + 100_000_000;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        });
  }
}
