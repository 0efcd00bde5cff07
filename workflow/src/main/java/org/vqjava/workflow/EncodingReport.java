/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.layers.CodebookUsage;

/**
 * What was encoded.
 *
 * @param model by what
 * @param data of what
 * @param out the codes
 * @param shape of the codes, {@code [N, ..]}
 * @param type of the codes, the smallest that holds each of the codebook
 * @param codes K, how many there are, if the model tells
 * @param usage of the codebook; where the model does not tell K, of the codes up to the highest
 *     taken
 * @param seconds how long it took, by the clock
 */
public record EncodingReport(
    Path model,
    Path data,
    Path out,
    Shape shape,
    NumpyType type,
    OptionalInt codes,
    CodebookUsage.Summary usage,
    double seconds) {

  /**
   * The same for programs.
   *
   * @return names and values as the guide describes them
   */
  public Map<String, Object> byName() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("model", model.toString());
    named.put("data", data.toString());
    named.put("codes", out.toString());
    named.put("shape", shape.asArray());
    named.put("type", type.toString());
    named.put("codebook", codes.isPresent() ? codes.getAsInt() : null);
    named.put("used", usage.used());
    named.put("perplexity", usage.perplexity());
    named.put("seconds", seconds);
    return named;
  }
}
