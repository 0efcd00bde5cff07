/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What {@code vq bench} measures. */
public final class Races {
  private static final double SHORT_TURN = 0.01;

  private Races() {}

  /**
   * All of them, one after the other, so that only one is in memory.
   *
   * @param rounds of each
   * @param shrunk whether shapes and turns are small, to see that it runs: times mean nothing then
   * @param heard hears the name of each before it begins
   * @return times of all
   */
  public static List<Race.Time> run(int rounds, boolean shrunk, Consumer<String> heard) {
    List<Race.Time> times = new ArrayList<>();
    for (Supplier<Race> supplier : all(shrunk ? 64 : 1)) {
      try (Race race = supplier.get()) {
        heard.accept(race.name());
        times.addAll(race.run(rounds, shrunk ? SHORT_TURN : Race.USUAL_TURN, 1));
      }
    }
    return times;
  }

  /** Shapes are smaller by the divisor. */
  private static List<Supplier<Race>> all(int divisor) {
    int many = divisor == 1 ? 8192 : 256;
    int some = divisor == 1 ? 1024 : 64;
    return List.of(
        () -> LookUpRace.of(16_384 / divisor, 1024, 64, false),
        () -> LookUpRace.of(16_384 / divisor, 512, 64, false),
        () -> LookUpRace.of(4096 / divisor, many, 256, false),
        () -> LookUpRace.of(8192 / divisor, 2 * many, 32, false),
        () -> LookUpRace.of(65_536 / divisor, 256, 16, false),
        () -> LookUpRace.of(1024 / divisor, 64, 16, true),
        () -> LookUpRace.of(2048 / divisor, 512, 32, true),
        () -> TrainingStepRace.of(16_384 / divisor, some, 64, false),
        () -> TrainingStepRace.of(4096 / divisor, many, 256, false),
        () -> TrainingStepRace.of(1024 / divisor, some / 2, 64, true),
        () -> PcaRace.of(16_384 / divisor, some, 64, 8),
        () -> EmRace.of(100_000 / divisor, 256, 32),
        () -> EmRace.of(100_000 / divisor, some, 64),
        () -> EmRace.of(131_072 / divisor, 256, 8),
        () -> ScalarRace.of(1_000_000 / divisor, 16),
        () -> ScalarRace.of(1_000_000 / divisor, 64),
        () -> ScalarRace.of(1_000_000 / divisor, 256),
        () -> ClusteringRace.of(1000, 1000 / divisor, 16),
        () -> ClusteringRace.of(1000, 1000 / divisor, 64),
        () -> ClusteringRace.of(1000, 1000 / divisor, 256));
  }

  /**
   * A line for each time.
   *
   * @param times to be shown
   * @return the table
   */
  public static String table(List<Race.Time> times) {
    StringBuilder text = new StringBuilder();
    String race = "";
    for (Race.Time time : times) {
      if (!time.race().equals(race)) {
        race = time.race();
        text.append(race).append(System.lineSeparator());
      }
      text.append(
          String.format(
              Locale.ROOT,
              "  %-34s %10.3f ms  %7s%n",
              time.contender(),
              time.milliseconds(),
              Double.isFinite(time.ratio())
                  ? String.format(Locale.ROOT, "%.2f", time.ratio())
                  : "ran"));
    }
    return text.toString();
  }
}
