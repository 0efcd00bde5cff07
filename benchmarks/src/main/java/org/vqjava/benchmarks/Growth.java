/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How time and memory grow with the number of vectors, of codes, of numbers in each, and what a
 * second thread does: one number is changed at a time, and each point has a process of its own.
 */
public final class Growth {
  private static final Size USUAL = new Size(16_384, 1024, 64);
  private static final Size SMALL = new Size(64, 64, 8);

  private Growth() {}

  /** What is measured. */
  public enum Operation {
    /** The nearest of K codes, L2. */
    LOOK_UP("look-up"),
    /** A step by α, β and Coulomb. */
    STEP("training step");

    private final String text;

    Operation(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The number that is changed. */
  public enum Axis {
    /** How many vectors. */
    N,
    /** How many codes. */
    K,
    /** How many numbers in each. */
    D;

    private List<Integer> measured() {
      return switch (this) {
        case N -> List.of(4096, 16_384, 65_536, 262_144);
        case K -> List.of(256, 1024, 4096, 16_384);
        case D -> List.of(16, 64, 256, 1024);
      };
    }
  }

  /**
   * What is looked up.
   *
   * @param vectors N
   * @param codes K
   * @param width D
   */
  public record Size(int vectors, int codes, int width) {
    Size with(Axis axis, int value) {
      return new Size(
          axis == Axis.N ? value : vectors,
          axis == Axis.K ? value : codes,
          axis == Axis.D ? value : width);
    }

    int along(Axis axis) {
      return switch (axis) {
        case N -> vectors;
        case K -> codes;
        case D -> width;
      };
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "N %7d  K %6d  D %5d", vectors, codes, width);
    }
  }

  /**
   * What a process came to.
   *
   * @param operation what was measured
   * @param axis the number that is changed
   * @param size of it
   * @param threads 1 or 2
   * @param milliseconds of a call on the clock, the median of five
   * @param processorMilliseconds of all threads together
   * @param kilobytes resident at the peak beyond those before the first call; 0 where the system
   *     does not tell
   */
  public record Point(
      Operation operation,
      Axis axis,
      Size size,
      int threads,
      double milliseconds,
      double processorMilliseconds,
      long kilobytes) {}

  /**
   * Measures all points, for some minutes.
   *
   * @param shrunk whether shapes are small and few, to see that it runs
   * @param heard hears of each point before it begins
   * @return in the order of operations, axes, threads and numbers
   * @throws IOException if a process cannot be started, or fails
   * @throws InterruptedException if this thread is interrupted
   */
  public static List<Point> run(boolean shrunk, Consumer<String> heard)
      throws IOException, InterruptedException {
    List<Point> points = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      for (Axis axis : Axis.values()) {
        for (int threads = 1; threads <= 2; threads++) {
          for (int value : shrunk ? List.of(16, 32) : axis.measured()) {
            Size size = (shrunk ? SMALL : USUAL).with(axis, value);
            heard.accept(operation + ", " + size + ", threads " + threads);
            points.add(point(operation, axis, size, threads));
          }
        }
      }
    }
    return points;
  }

  private static Point point(Operation operation, Axis axis, Size size, int threads)
      throws IOException, InterruptedException {
    String own = Objects.requireNonNull(System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", own),
                GrowthPoint.class.getName(),
                operation.name(),
                String.valueOf(size.vectors()),
                String.valueOf(size.codes()),
                String.valueOf(size.width()),
                String.valueOf(threads))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException(operation + " ended with " + process.exitValue() + ": " + printed);
      }
      List<String> numbers = printed.lines().toList();
      return new Point(
          operation,
          axis,
          size,
          threads,
          Double.parseDouble(numbers.get(0)),
          Double.parseDouble(numbers.get(1)),
          Long.parseLong(numbers.get(2)));
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * A line for each point.
   *
   * @param points to be shown
   * @return the table
   */
  public static String table(List<Point> points) {
    StringBuilder text = new StringBuilder();
    for (Point point : points) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-14s %s  threads %d %10.1f ms %10.1f ms of processor %8.1f MiB%n",
              point.operation(),
              point.size(),
              point.threads(),
              point.milliseconds(),
              point.processorMilliseconds(),
              point.kilobytes() / 1024.0));
    }
    return text.toString();
  }
}
