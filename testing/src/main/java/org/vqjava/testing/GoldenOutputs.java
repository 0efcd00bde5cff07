/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;

/** Fetches what a case expects, in one run, and compares it. */
public final class GoldenOutputs {
  private record Wanted(GoldenTensor expected, Operand<?> actual, boolean ofChoice) {}

  private final Map<String, Wanted> wanted = new LinkedHashMap<>();

  /** Runs if nothing is expected: what is to be refused may be refused then. */
  private final Set<Output<?>> unwanted = new LinkedHashSet<>();

  /** Nothing is expected yet. */
  public GoldenOutputs() {}

  /**
   * Asks for a result if the case expects it.
   *
   * @param expected where the case expects it
   * @param key its name there
   * @param actual computes it
   */
  public void add(GoldenNode expected, String key, Operand<?> actual) {
    add(expected, key, actual, false);
  }

  /**
   * The same for one that follows from which of two equally near codes was chosen.
   *
   * @param expected where the case expects it
   * @param key its name there
   * @param actual computes it
   */
  public void addOfChoice(GoldenNode expected, String key, Operand<?> actual) {
    add(expected, key, actual, true);
  }

  private void add(GoldenNode expected, String key, Operand<?> actual, boolean ofChoice) {
    if (expected.has(key)) {
      String name = key;
      for (int i = 2; wanted.containsKey(name); i++) {
        name = key + "-" + i;
      }
      wanted.put(name, new Wanted(expected.tensor(key), actual, ofChoice));
    } else {
      unwanted.add(actual.asOutput());
    }
  }

  /**
   * Runs and compares all of it.
   *
   * @param runner with its feeds
   * @param tolerance of floating numbers; whole ones agree exactly
   * @throws AssertionError if they disagree
   */
  public void check(Session.Runner runner, Tolerance tolerance) {
    compare(run(runner, List.of()), true, tolerance);
  }

  /**
   * Runs and compares. Where a code was chosen that is as near as the expected one, which FAST mode
   * may do, what follows from the choice is not compared.
   *
   * @param runner with its feeds
   * @param indices the codes chosen
   * @param distance of each vector from each code
   * @param fast whether another code may be chosen that is as near
   * @param tolerance of floating numbers; whole ones agree exactly
   * @return false if another code was chosen somewhere
   * @throws AssertionError if they disagree
   */
  public boolean check(
      Session.Runner runner,
      Operand<?> indices,
      Operand<?> distance,
      boolean fast,
      Tolerance tolerance) {
    Map<Output<?>, double[]> values = run(runner, List.of(indices, distance));
    boolean same =
        !fast
            || !wanted.containsKey("indices")
            || sameOrAsNear(
                wanted.get("indices").expected().doubles(),
                value(values, indices),
                value(values, distance),
                tolerance);
    compare(values, same, tolerance);
    return same;
  }

  /** A result set refuses an output that is fetched twice. */
  private Map<Output<?>, double[]> run(Session.Runner runner, List<Operand<?>> besides) {
    Set<Output<?>> outputs = new LinkedHashSet<>();
    wanted.values().forEach(w -> outputs.add(w.actual().asOutput()));
    besides.forEach(operand -> outputs.add(operand.asOutput()));
    if (outputs.isEmpty()) {
      outputs.addAll(unwanted);
    }
    outputs.forEach(runner::fetch);
    Map<Output<?>, double[]> values = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      for (Output<?> output : outputs) {
        values.put(output, TensorValues.doubles(result.get(values.size())));
      }
    }
    return values;
  }

  private static double[] value(Map<Output<?>, double[]> values, Operand<?> operand) {
    return Objects.requireNonNull(values.get(operand.asOutput()));
  }

  private void compare(Map<Output<?>, double[]> values, boolean same, Tolerance tolerance) {
    wanted.forEach(
        (name, w) -> {
          if (same || !w.ofChoice()) {
            boolean whole = !w.expected().dtype().startsWith("float");
            (whole ? Tolerance.EXACT : tolerance)
                .check(name, value(values, w.actual()), w.expected().doubles());
          }
        });
  }

  private static boolean sameOrAsNear(
      double[] expected, double[] actual, double[] distance, Tolerance tolerance) {
    boolean same = true;
    int codes = expected.length == 0 ? 1 : distance.length / expected.length;
    for (int n = 0; n < expected.length; n++) {
      if (expected[n] != actual[n]) {
        same = false;
        tolerance.check(
            "distance of the chosen code",
            new double[] {distance[n * codes + (int) actual[n]]},
            new double[] {distance[n * codes + (int) expected[n]]});
      }
    }
    return same;
  }
}
