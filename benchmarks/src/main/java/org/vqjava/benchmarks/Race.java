/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Ways to compute the same, in turns.
 *
 * @param name what is computed, of which shape
 * @param contenders the first one is what the others are measured by
 * @param resources closed with the race
 */
public record Race(String name, List<Contender> contenders, AutoCloseable resources)
    implements AutoCloseable {
  /**
   * Seconds of a turn at least: the clock of processor time ticks in hundredths of a second, so
   * that this is known to three in a hundred.
   */
  public static final double USUAL_TURN = 0.3;

  /** Nanoseconds after which a clock of processor time that does not move is given up. */
  private static final long LONGEST_WAIT = 10_000_000_000L;

  /**
   * Copies the list.
   *
   * @param name what is computed
   * @param contenders the first one is what the others are measured by
   * @param resources closed with the race
   */
  public Race {
    contenders = List.copyOf(contenders);
  }

  /**
   * A contender's time.
   *
   * @param race what was computed
   * @param contender by whom
   * @param milliseconds of processor time a call, the median of the rounds
   * @param ratio to the first contender's; not a finite number if the system does not tell the
   *     first one's
   */
  public record Time(String race, String contender, double milliseconds, double ratio) {}

  /**
   * Each contender once, and then in every round, in an order of its own.
   *
   * @param rounds at least 1
   * @param turn seconds that a contender's turn takes at least
   * @param seed of the orders
   * @return in the order of the contenders
   */
  public List<Time> run(int rounds, double turn, long seed) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be at least 1, got " + rounds);
    }
    Map<Contender, Integer> calls = new LinkedHashMap<>();
    Map<Contender, List<Double>> times = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      contender.call().run();
      long start = System.nanoTime();
      contender.call().run();
      double once = (System.nanoTime() - start) / 1e9;
      calls.put(contender, (int) Math.max(1, Math.ceil(turn / once)));
      times.put(contender, new ArrayList<>());
    }
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      List<Contender> order = new ArrayList<>(contenders);
      Collections.shuffle(order, random);
      for (Contender contender : order) {
        int count = calls.getOrDefault(contender, 1);
        times
            .getOrDefault(contender, new ArrayList<>())
            .add(1000 * secondsOfACall(contender, count));
      }
    }
    List<Time> results = new ArrayList<>();
    double first = median(times.getOrDefault(contenders.get(0), List.of()));
    times.forEach(
        (contender, all) ->
            results.add(new Time(name, contender.name(), median(all), median(all) / first)));
    return results;
  }

  /** The clock of processor time ticks coarsely: calls go on until it has moved. */
  private static double secondsOfACall(Contender contender, int calls) {
    long begun = System.nanoTime();
    double used = 0;
    long called = 0;
    do {
      used += seconds(contender, calls);
      called += calls;
    } while (used <= 0 && System.nanoTime() - begun < LONGEST_WAIT);
    return used / called;
  }

  static double seconds(Contender contender, int calls) {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = system.getProcessCpuTime();
    for (int i = 0; i < calls; i++) {
      contender.call().run();
    }
    return (system.getProcessCpuTime() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    return median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  static double median(double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  @Override
  public void close() {
    try {
      resources.close();
    } catch (Exception e) {
      throw new IllegalStateException(name + " cannot be closed", e);
    }
  }
}
