/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks.overhead;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs all benchmarks of this package. */
public final class Overheads {
  private static final int ITERATIONS = 5;

  private Overheads() {}

  /**
   * What JMH measured.
   *
   * @param name class and method
   * @param microseconds of a call, on the clock
   * @param error half of the confidence interval of 99.9 %, in microseconds; NaN of one measurement
   */
  public record Time(String name, double microseconds, double error) {}

  /**
   * Runs them in processes of their own.
   *
   * @param shrunk whether each is called once, here, to see that it runs
   * @return in the order of their names
   * @throws IllegalStateException if one fails
   */
  public static List<Time> run(boolean shrunk) {
    Options options =
        new OptionsBuilder()
            .include("\\Q" + Overheads.class.getPackageName() + "\\E\\..*")
            .mode(shrunk ? Mode.SingleShotTime : Mode.AverageTime)
            .timeUnit(TimeUnit.MICROSECONDS)
            .forks(shrunk ? 0 : 1)
            .warmupIterations(shrunk ? 0 : ITERATIONS)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(shrunk ? 1 : ITERATIONS)
            .measurementTime(TimeValue.seconds(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    try {
      return new Runner(options).run().stream().map(Overheads::time).toList();
    } catch (RunnerException e) {
      throw new IllegalStateException("a benchmark failed", e);
    }
  }

  private static Time time(RunResult result) {
    String name = result.getParams().getBenchmark();
    return new Time(
        name.substring(Overheads.class.getPackageName().length() + 1),
        result.getPrimaryResult().getScore(),
        result.getPrimaryResult().getScoreError());
  }

  /**
   * A line for each.
   *
   * @param times to be shown
   * @return the table
   */
  public static String table(List<Time> times) {
    StringBuilder text = new StringBuilder();
    for (Time time : times) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-40s %12.1f µs ± %.1f%n",
              time.name(),
              time.microseconds(),
              time.error()));
    }
    return text.toString();
  }
}
