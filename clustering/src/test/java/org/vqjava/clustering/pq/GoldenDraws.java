/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.Arrays;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenTensor;

/** What the original drew, as a case names it. */
final class GoldenDraws implements EmDraws {
  private final int[] initial;
  private final int[] into;
  private final double[] noise;
  private int split;

  GoldenDraws(GoldenNode inputs) {
    this(
        ints(inputs, "initial_indices"),
        ints(inputs, "split_into"),
        inputs.has("split_noise") ? inputs.tensor("split_noise").doubles() : new double[0]);
  }

  private GoldenDraws(int[] initial, int[] into, double[] noise) {
    this.initial = initial;
    this.into = into;
    this.noise = noise;
  }

  /** Where nothing but the start was drawn. */
  static GoldenDraws from(GoldenTensor initial) {
    return new GoldenDraws(ints(initial), new int[0], new double[0]);
  }

  static int[] ints(GoldenNode node, String key) {
    return node.has(key) ? ints(node.tensor(key)) : new int[0];
  }

  static int[] ints(GoldenTensor tensor) {
    return Arrays.stream(tensor.doubles()).mapToInt(v -> (int) v).toArray();
  }

  static float[] floats(GoldenTensor tensor) {
    double[] values = tensor.doubles();
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  static double[] doubles(int[] values) {
    return Arrays.stream(values).asDoubleStream().toArray();
  }

  /** Of the case's blocks, which are columns; 0 of a scalar, which is to be refused. */
  static int width(GoldenTensor blocks) {
    return blocks.shape().numDimensions() == 0 ? 0 : (int) blocks.shape().get(0);
  }

  /** The case's blocks are columns. */
  static float[] transposed(GoldenTensor tensor) {
    float[] values = floats(tensor);
    int rows = width(tensor);
    int columns = rows == 0 ? 0 : values.length / rows;
    float[] result = new float[values.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = values[r * columns + c];
      }
    }
    return result;
  }

  @Override
  public int[] initial(int centroids, int blocks) {
    return initial.clone();
  }

  @Override
  public int emptyCluster(int[] empty) {
    return into[split];
  }

  @Override
  public double[] noise(int width) {
    return Arrays.copyOfRange(noise, split * width, ++split * width);
  }
}
