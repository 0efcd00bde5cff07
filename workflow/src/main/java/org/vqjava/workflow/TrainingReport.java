/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vqjava.layers.CodebookUsage;

/**
 * What a training came to, on images that it did not see.
 *
 * @param options what was trained, and how
 * @param testError mean squared error over all pixels of the test images
 * @param meanImageError the same if every reconstruction were the mean training image
 * @param usage of the codebook over the test images
 * @param replaced how many codes were replaced while training
 * @param steps how many steps were taken
 * @param trainingSeconds how long they took, by the clock; of a run that was resumed, since then
 * @param reloadDifference the largest difference between a pixel as reconstructed by the trained
 *     network and by the saved model that was loaded again
 * @param directory where the files are
 */
public record TrainingReport(
    AutoencoderOptions options,
    double testError,
    double meanImageError,
    CodebookUsage.Summary usage,
    long replaced,
    int steps,
    double trainingSeconds,
    double reloadDifference,
    Path directory) {

  /** The picture of originals beside their reconstructions. */
  public static final String RECONSTRUCTIONS = "reconstructions.png";

  /** The picture of the codebook. */
  public static final String CODEBOOK = "codebook.png";

  /** The folder of the SavedModel. */
  public static final String MODEL = "model";

  /** The figures, for programs. */
  public static final String REPORT = "report.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  byte[] toJson() throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("options", options.byName());
    root.put("testMeanSquaredError", testError);
    root.put("meanImageMeanSquaredError", meanImageError);
    root.put("codesUsed", usage.used());
    root.put("perplexity", usage.perplexity());
    root.put("codesReplaced", replaced);
    root.put("steps", steps);
    root.put("trainingSeconds", trainingSeconds);
    root.put("reloadDifference", reloadDifference);
    return JSON.writeValueAsBytes(root);
  }
}
