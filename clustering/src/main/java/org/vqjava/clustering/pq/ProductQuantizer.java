/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.function.Consumer;
import org.tensorflow.ndarray.Shape;

/**
 * Quantizes weights by blocks.
 *
 * <pre>{@code
 * QuantizedWeight quantized =
 *     ProductQuantizer.encode(kernel, Shape.of(288, 32), BlockLayout.DENSE, 4, EmOptions.ofCentroids(64));
 * float[] back = quantized.decode();
 * }</pre>
 */
public final class ProductQuantizer {
  private ProductQuantizer() {}

  /**
   * Finds centroids and assignments, with draws of the options' seed.
   *
   * @param weight its values, row-major, finite
   * @param shape of the weight
   * @param layout how it is cut into blocks
   * @param blockSize numbers in a block, divides the columns
   * @param options how the centroids are found
   * @return the quantized weight
   * @throws IllegalArgumentException as {@link #encode(float[], Shape, BlockLayout, int, EmOptions,
   *     EmDraws, Consumer)}
   */
  public static QuantizedWeight encode(
      float[] weight, Shape shape, BlockLayout layout, int blockSize, EmOptions options) {
    EmDraws draws = EmDraws.seeded(options.seed());
    return encode(weight, shape, layout, blockSize, options, draws, step -> {});
  }

  /**
   * Finds centroids and assignments.
   *
   * @param weight its values, row-major, finite
   * @param shape of the weight
   * @param layout how it is cut into blocks
   * @param blockSize numbers in a block, divides the columns
   * @param options how the centroids are found
   * @param draws what is random
   * @param listener hears of each step
   * @return the quantized weight
   * @throws IllegalArgumentException if the shape does not suit the values or the layout, the block
   *     size does not divide the columns, a value is not finite, or there are more centroids than
   *     blocks
   */
  public static QuantizedWeight encode(
      float[] weight,
      Shape shape,
      BlockLayout layout,
      int blockSize,
      EmOptions options,
      EmDraws draws,
      Consumer<EmStep> listener) {
    for (float value : weight) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("weight must be finite, got " + value);
      }
    }
    float[] blocks = layout.toBlocks(weight, shape, blockSize);
    int count = blocks.length / blockSize;
    if (options.centroids() > count) {
      throw new IllegalArgumentException(
          "centroids must be at most the " + count + " blocks, got " + options.centroids());
    }
    EmResult found = EM.fit(blocks, blockSize, options, draws, listener);
    return new QuantizedWeight(
        shape,
        layout,
        blockSize,
        found.centroids(),
        new Assignments(found.assignments(), options.centroids()));
  }
}
