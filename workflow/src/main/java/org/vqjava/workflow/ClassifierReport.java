/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How well classifiers with and without a layer in their middle do on test images, as they are and
 * attacked.
 *
 * @param options what was trained, and how
 * @param accuracies one for each network, seed and trial
 * @param seconds how long it took, by the clock
 * @param directory where the files are
 */
public record ClassifierReport(
    ClassifierOptions options, List<Accuracy> accuracies, double seconds, Path directory) {

  /** The picture of the accuracies. */
  public static final String ACCURACY = "accuracy.png";

  /** The picture of how similar the test images are to the most similar code. */
  public static final String SIMILARITY = "similarity.png";

  /** The figures, for programs. */
  public static final String REPORT = "report.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * Copies the list.
   *
   * @param options what was trained, and how
   * @param accuracies one for each network, seed and trial
   * @param seconds how long it took
   * @param directory where the files are
   */
  public ClassifierReport {
    accuracies = List.copyOf(accuracies);
  }

  /**
   * How the test images were changed before they were classified.
   *
   * @param strength how far each pixel, of 0 .. 1, is moved at most; 0 for images as they are
   * @param transferred whether the plain network's gradient tells the direction, in place of the
   *     attacked network's own
   */
  public record Attack(double strength, boolean transferred) {
    /** All that are tried. */
    public static final List<Attack> ALL =
        List.of(
            new Attack(0, false),
            new Attack(0.1, false),
            new Attack(0.2, false),
            new Attack(0.1, true),
            new Attack(0.2, true));

    /**
     * The name in tables and pictures.
     *
     * @return a few words
     */
    public String label() {
      if (strength == 0) {
        return "clean";
      }
      return String.format(Locale.ROOT, transferred ? "ε %.1f transferred" : "ε %.1f", strength);
    }
  }

  /**
   * One figure.
   *
   * @param network what classified
   * @param seed of its training
   * @param attack how the images were changed
   * @param value the part of the test images that came into their class
   */
  public record Accuracy(ClassifierNetwork network, long seed, Attack attack, double value) {}

  /**
   * The accuracies of a network under an attack, over all seeds.
   *
   * @param network what classified
   * @param attack how the images were changed
   * @return their mean, least and greatest; of none if it was not tried
   */
  public DoubleSummaryStatistics of(ClassifierNetwork network, Attack attack) {
    return accuracies.stream()
        .filter(a -> a.network() == network && a.attack().equals(attack))
        .mapToDouble(Accuracy::value)
        .summaryStatistics();
  }

  byte[] toJson() throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Accuracy accuracy : accuracies) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("network", accuracy.network().label());
      row.put("seed", accuracy.seed());
      row.put("strength", accuracy.attack().strength());
      row.put("transferred", accuracy.attack().transferred());
      row.put("accuracy", accuracy.value());
      rows.add(row);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("options", options.byName());
    root.put("accuracies", rows);
    root.put("seconds", seconds);
    return JSON.writeValueAsBytes(root);
  }
}
