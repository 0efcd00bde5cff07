/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was fetched of a codebook in one training step, or in whatever else counts as a batch. All
 * of it is recorded at once or not at all. For one thread.
 *
 * <pre>{@code
 * recorder.record(
 *     Observation.at(step).accessCount(counts).nearestDistance(distances).loss("total", loss));
 * }</pre>
 */
public final class Observation {
  private final long step;
  private final List<long[]> counts = new ArrayList<>();
  private final List<int[]> assignments = new ArrayList<>();
  private final List<float[]> nearestDistances = new ArrayList<>();
  private final List<float[]> similarities = new ArrayList<>();
  private final Map<String, Double> losses = new HashMap<>();
  private float @Nullable [] codebook;
  private float @Nullable [] closestSpacing;
  private int width;
  private @Nullable CodeImages images;

  private Observation(long step) {
    this.step = step;
  }

  /**
   * Begins an observation.
   *
   * @param step number of the step, at least 0
   * @return an empty observation
   * @throws IllegalArgumentException if {@code step} is negative
   */
  public static Observation at(long step) {
    return new Observation(Check.atLeast("step", 0, step));
  }

  /**
   * Adds how often each code was taken: the endpoint {@code accessCount}, cluster sizes, or the
   * usage counts of whatever layer.
   *
   * @param accessCount {@code [K]}, not negative
   * @return this
   * @throws IllegalArgumentException if a count is negative
   */
  public Observation accessCount(long[] accessCount) {
    for (long count : accessCount) {
      Check.atLeast("accessCount", 0, count);
    }
    counts.add(accessCount);
    return this;
  }

  /**
   * Adds which code each vector took: the endpoint {@code indices}, or the assignments of product
   * quantization.
   *
   * @param indices each in {@code [0, K)}
   * @return this
   */
  public Observation assignments(int[] indices) {
    assignments.add(Objects.requireNonNull(indices, "indices"));
    return this;
  }

  /**
   * Adds how far inputs are from the code that each took.
   *
   * @param distances any number of them; NaN and infinities are counted apart
   * @return this
   */
  public Observation nearestDistance(float[] distances) {
    nearestDistances.add(Objects.requireNonNull(distances, "distances"));
    return this;
  }

  /**
   * Adds how far inputs are from every code, as the layer tells it. The least of each row is
   * recorded.
   *
   * @param distances {@code [N, K]}, row-major
   * @param codes K, at least 1
   * @return this
   * @throws IllegalArgumentException if there are not whole rows
   */
  public Observation distance(float[] distances, int codes) {
    Check.atLeast("codes", 1, codes);
    if (distances.length % codes != 0) {
      throw new IllegalArgumentException(
          "distances must have rows of " + codes + ", got " + distances.length + " numbers");
    }
    float[] least = new float[distances.length / codes];
    for (int n = 0; n < least.length; n++) {
      least[n] = distances[n * codes];
      for (int k = 1; k < codes; k++) {
        least[n] = Math.min(least[n], distances[n * codes + k]);
      }
    }
    return nearestDistance(least);
  }

  /**
   * Adds the cosine of inputs with the code that each took: the endpoint {@code similarityValues}.
   *
   * @param values any number of them; NaN and infinities are counted apart
   * @return this
   */
  public Observation similarity(float[] values) {
    similarities.add(Objects.requireNonNull(values, "values"));
    return this;
  }

  /**
   * Adds a loss.
   *
   * @param name of its own: {@code alpha}, say
   * @param value any number
   * @return this
   * @throws IllegalArgumentException if the name is blank
   */
  public Observation loss(String name, double value) {
    losses.put(Check.notBlank("name", name), value);
    return this;
  }

  /**
   * Adds the codebook as it stands. Asked for by {@link CodebookRecorder#viewIsDue}; whoever has it
   * at hand may give it each time, and each window looks at the newest.
   *
   * @param values {@code [K, D]}, row-major; copied
   * @param codeWidth D, at least 1
   * @return this
   * @throws IllegalArgumentException if D is below 1
   */
  public Observation codebook(float[] values, int codeWidth) {
    width = Math.toIntExact(Check.atLeast("codeWidth", 1, codeWidth));
    codebook = values.clone();
    return this;
  }

  /**
   * Adds the distance of each code from the closest other one: the endpoint {@code
   * embClosestSpacing}. Without it the distances are computed for up to 2,048 codes.
   *
   * @param spacing {@code [K]}
   * @return this
   */
  public Observation closestSpacing(float[] spacing) {
    closestSpacing = spacing.clone();
    return this;
  }

  /**
   * Adds what a decoder makes of the codes; it goes with the codebook.
   *
   * @param decoded the picture
   * @return this
   */
  public Observation images(CodeImages decoded) {
    images = Objects.requireNonNull(decoded, "decoded");
    return this;
  }

  long step() {
    return step;
  }

  List<float[]> nearestDistances() {
    return nearestDistances;
  }

  List<float[]> similarities() {
    return similarities;
  }

  Map<String, Double> losses() {
    return losses;
  }

  float @Nullable [] codebook() {
    return codebook;
  }

  float @Nullable [] closestSpacing() {
    return closestSpacing;
  }

  int width() {
    return width;
  }

  @Nullable CodeImages images() {
    return images;
  }

  /** Refuses what does not fit K codes, before any of it is taken. */
  void check(int codes) {
    for (long[] some : counts) {
      if (some.length != codes) {
        throw new IllegalArgumentException(
            "accessCount must have a count for each of the "
                + codes
                + " codes, got "
                + some.length);
      }
    }
    for (int[] some : assignments) {
      for (int code : some) {
        if (code < 0 || code >= codes) {
          throw new IllegalArgumentException(
              "assignments must be from 0 to below " + codes + ", got " + code);
        }
      }
    }
    if (codebook != null && codebook.length != (long) codes * width) {
      throw new IllegalArgumentException(
          "codebook must have " + codes + " x " + width + " numbers, got " + codebook.length);
    }
    if (closestSpacing != null && closestSpacing.length != codes) {
      throw new IllegalArgumentException(
          "closestSpacing must have a number for each of the "
              + codes
              + " codes, got "
              + closestSpacing.length);
    }
  }

  void addTo(long[] total) {
    for (long[] some : counts) {
      for (int k = 0; k < total.length; k++) {
        long sum = total[k] + some[k];
        total[k] = sum < 0 ? Long.MAX_VALUE : sum; // neither was negative: it is too large
      }
    }
    for (int[] some : assignments) {
      for (int code : some) {
        total[code]++;
      }
    }
  }
}
