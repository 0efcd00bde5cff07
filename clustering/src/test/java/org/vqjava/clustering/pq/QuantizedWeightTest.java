/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.ops.Training;
import org.vqjava.testing.Evaluate;
import org.vqjava.testing.Gradients;
import org.vqjava.testing.TensorValues;

/** Weights cut into blocks, quantized, decoded, in arrays and in graphs. */
class QuantizedWeightTest {
  private static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Shape shape(BlockLayout layout) {
    return switch (layout) {
      case DENSE -> Shape.of(12, 5);
      case INPUT_FIRST -> Shape.of(12, 5, 2);
      case ROWS, CONVOLUTION -> Shape.of(3, 2, 4, 5);
    };
  }

  private static double[] doubles(float[] values) {
    return GoldenDraws.doubles(values);
  }

  @ParameterizedTest
  @EnumSource(BlockLayout.class)
  void blocksComeBackInArraysAndInGraphs(BlockLayout layout) {
    Shape shape = shape(layout);
    float[] weight = normal((int) shape.size(), 1);
    for (int blockSize : new int[] {1, 2, 4}) {
      float[] blocks = layout.toBlocks(weight, shape, blockSize);
      assertArrayEquals(weight, layout.toWeight(blocks, shape, blockSize));
      double[] inGraph =
          Evaluate.one(
              tf ->
                  layout.toWeight(
                      tf,
                      tf.reshape(tf.constant(blocks), tf.constant(new int[] {-1, blockSize})),
                      shape,
                      blockSize));
      assertArrayEquals(doubles(weight), inGraph);
    }
  }

  /** TensorFlow's kernels are PyTorch's with axes exchanged; blocks must be the same. */
  @Test
  void layoutsAgreeOnTheTransposedWeight() {
    float[] dense = normal(12 * 5, 2);
    double[] rows =
        Evaluate.one(
            tf ->
                tf.linalg.transpose(
                    tf.reshape(tf.constant(dense), tf.constant(new int[] {12, 5})),
                    tf.constant(new int[] {1, 0})));
    assertArrayEquals(
        BlockLayout.ROWS.toBlocks(floats(rows), Shape.of(5, 12), 4),
        BlockLayout.DENSE.toBlocks(dense, Shape.of(12, 5), 4));
    float[] kernel = normal(3 * 2 * 4 * 5, 3);
    double[] outFirst =
        Evaluate.one(
            tf ->
                tf.linalg.transpose(
                    tf.reshape(tf.constant(kernel), tf.constant(new int[] {3, 2, 4, 5})),
                    tf.constant(new int[] {3, 2, 0, 1})));
    assertArrayEquals(
        BlockLayout.ROWS.toBlocks(floats(outFirst), Shape.of(5, 4, 3, 2), 6),
        BlockLayout.CONVOLUTION.toBlocks(kernel, Shape.of(3, 2, 4, 5), 6));
  }

  private static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  @Test
  void moreCentroidsAreNearer() {
    float[] weight = normal(64 * 32, 4);
    double before = 1;
    for (int k : new int[] {4, 16, 64, 256}) {
      QuantizedWeight quantized =
          ProductQuantizer.encode(
              weight, Shape.of(64, 32), BlockLayout.DENSE, 4, EmOptions.ofCentroids(k));
      double error = quantized.relativeError(weight);
      double last = before;
      assertTrue(error < last, () -> k + " centroids: " + error);
      before = error;
    }
    assertTrue(before < 0.4);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 256, 257, 65_536, 65_537})
  void assignmentsAreKeptWhateverTheirNumber(int centroids) {
    int[] values = {0, centroids - 1, centroids / 2, 1};
    Assignments assignments = new Assignments(values, centroids);
    assertArrayEquals(values, assignments.toInts());
    assertEquals(new Assignments(values, centroids), assignments);
    assertEquals(new Assignments(values, centroids).hashCode(), assignments.hashCode());
    values[0] = 1;
    assertTrue(!assignments.equals(new Assignments(values, centroids)));
    assertEquals(0, assignments.get(0), "a copy");
  }

  /** Gradients by the closed form, of a block layout that mixes places. */
  @ParameterizedTest
  @EnumSource(GradientAggregation.class)
  void centroidsGetTheGradientsOfTheirBlocks(GradientAggregation aggregation) {
    Shape shape = Shape.of(6, 3);
    int[] assigned = {0, 1, 0, 0, 3, 1, 0, 3, 0};
    float[] upstream = normal(18, 5);
    float[] blocks = BlockLayout.DENSE.toBlocks(upstream, shape, 2);
    double[] expected = new double[8];
    int[] counts = new int[4];
    for (int i = 0; i < 9; i++) {
      counts[assigned[i]]++;
      expected[assigned[i] * 2] += blocks[2 * i];
      expected[assigned[i] * 2 + 1] += blocks[2 * i + 1];
    }
    if (aggregation == GradientAggregation.AVG) {
      Arrays.setAll(expected, i -> expected[i] / Math.max(1, counts[i / 2]));
    }
    QuantizedWeight weight =
        new QuantizedWeight(
            shape, BlockLayout.DENSE, 2, normal(8, 6), new Assignments(assigned, 4));
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      QuantizedVariable variable = QuantizedVariable.create(tf, "kernel", weight, aggregation);
      Operand<TFloat32> loss =
          tf.sum(
              tf.math.mul(
                  variable.weight(),
                  tf.reshape(tf.constant(upstream), tf.constant(new int[] {6, 3}))),
              tf.constant(new int[] {0, 1}));
      Operand<TFloat32> gradient = Gradients.of(graph, loss, variable.centroids());
      try (Session session = new Session(graph)) {
        session.initialize();
        try (Result result = session.runner().fetch(gradient).fetch(variable.weight()).run()) {
          assertArrayEquals(expected, TensorValues.doubles(result.get(0)), 1e-5);
          assertArrayEquals(doubles(weight.decode()), TensorValues.doubles(result.get(1)));
        }
      }
    }
  }

  @Test
  void centroidsAreTrainedReadAndMaterialized() {
    float[] target = normal(24, 7);
    QuantizedWeight start =
        ProductQuantizer.encode(
            target,
            Shape.of(6, 4),
            BlockLayout.ROWS,
            2,
            EmOptions.ofCentroids(4).withIterations(1));
    QuantizedWeight shifted = start.withCentroids(new float[8]);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      QuantizedVariable variable =
          QuantizedVariable.create(tf, "kernel", shifted, GradientAggregation.AVG);
      Ops init = tf.withInitScope();
      Variable<TFloat32> plain =
          tf.withName("plain")
              .variable(init.zeros(init.constant(new int[] {6, 4}), TFloat32.class));
      Op materialize = variable.materialize(tf, plain);
      Operand<TFloat32> loss =
          tf.sum(
              tf.math.squaredDifference(
                  variable.weight(),
                  tf.reshape(tf.constant(target), tf.constant(new int[] {6, 4}))),
              tf.constant(new int[] {0, 1}));
      Op step =
          Training.minimize(
              tf, loss, List.of(variable.centroids()), new GradientDescent(graph, 0.25f));
      try (Session session = new Session(graph)) {
        session.initialize();
        for (int i = 0; i < 60; i++) {
          session.runner().addTarget(step).run().close();
        }
        QuantizedWeight trained = variable.read(session);
        assertEquals(start.assignments(), trained.assignments());
        assertTrue(trained.relativeError(target) <= start.relativeError(target) + 1e-4);
        session.runner().addTarget(materialize).run().close();
        try (Result result = session.runner().fetch(plain).run()) {
          assertArrayEquals(doubles(trained.decode()), TensorValues.doubles(result.get(0)));
        }
      }
      assertEquals(
          "plain must have shape [6, 4], got [2]",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> variable.materialize(tf, tf.constant(new float[2])))
              .getMessage());
    }
  }

  /**
   * What has axes more is cut as what has them joined, or as what has one of size 1 in addition.
   */
  @Test
  void otherRanksAreCutAlike() {
    float[] weight = normal(240, 9);
    assertArrayEquals(
        BlockLayout.CONVOLUTION.toBlocks(weight, Shape.of(1, 6, 8, 5), 6),
        BlockLayout.CONVOLUTION.toBlocks(weight, Shape.of(6, 8, 5), 6));
    assertArrayEquals(
        BlockLayout.CONVOLUTION.toBlocks(weight, Shape.of(6, 2, 4, 5), 4),
        BlockLayout.CONVOLUTION.toBlocks(weight, Shape.of(3, 2, 2, 4, 5), 4));
    assertArrayEquals(
        BlockLayout.DENSE.toBlocks(weight, Shape.of(48, 5), 8),
        BlockLayout.DENSE.toBlocks(weight, Shape.of(6, 8, 5), 8));
    assertArrayEquals(
        BlockLayout.DENSE.toBlocks(weight, Shape.of(8, 30), 4),
        BlockLayout.INPUT_FIRST.toBlocks(weight, Shape.of(8, 6, 5), 4));
    for (Shape shape : new Shape[] {Shape.of(6, 8, 5), Shape.of(3, 2, 2, 4, 5)}) {
      for (BlockLayout layout : BlockLayout.values()) {
        int size = layout == BlockLayout.ROWS ? 5 : layout == BlockLayout.INPUT_FIRST ? 3 : 4;
        float[] blocks = layout.toBlocks(weight, shape, size);
        assertArrayEquals(weight, layout.toWeight(blocks, shape, size));
        double[] inGraph =
            Evaluate.one(
                tf ->
                    layout.toWeight(
                        tf,
                        tf.reshape(tf.constant(blocks), tf.constant(new int[] {-1, size})),
                        shape,
                        size));
        assertArrayEquals(doubles(weight), inGraph, 0, layout + " of " + shape);
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    float[] weight = normal(24, 8);
    Shape shape = Shape.of(6, 4);
    EmOptions two = EmOptions.ofCentroids(2);
    refused(
        "blockSize must divide the 6 columns of a row, got 4",
        () -> ProductQuantizer.encode(weight, shape, BlockLayout.DENSE, 4, two));
    refused(
        "blockSize must divide the 4 columns of a row, got 0",
        () -> ProductQuantizer.encode(weight, shape, BlockLayout.ROWS, 0, two));
    refused(
        "centroids must be at most the 12 blocks, got 13",
        () ->
            ProductQuantizer.encode(weight, shape, BlockLayout.ROWS, 2, EmOptions.ofCentroids(13)));
    float[] infinite = weight.clone();
    infinite[3] = Float.POSITIVE_INFINITY;
    refused(
        "weight must be finite, got Infinity",
        () -> ProductQuantizer.encode(infinite, shape, BlockLayout.ROWS, 2, two));
    refused(
        "weight must have shape [.., in, out] of rank 3 or more for layout CONVOLUTION, got [6, 4]",
        () -> ProductQuantizer.encode(weight, shape, BlockLayout.CONVOLUTION, 2, two));
    refused(
        "weight must have shape [.., in, out] of rank 2 or more for layout DENSE, got [24]",
        () -> ProductQuantizer.encode(weight, Shape.of(24), BlockLayout.DENSE, 2, two));
    refused(
        "weight must have shape [out, ..] of rank 2 or more for layout ROWS, got [24]",
        () -> ProductQuantizer.encode(weight, Shape.of(24), BlockLayout.ROWS, 2, two));
    refused(
        "weight must not be empty, got shape [0, 4]",
        () -> ProductQuantizer.encode(new float[0], Shape.of(0, 4), BlockLayout.ROWS, 2, two));
    refused(
        "weight must have the 24 numbers of shape [6, 4], got 2",
        () -> ProductQuantizer.encode(new float[2], shape, BlockLayout.ROWS, 2, two));
    refused(
        "assignments must be from 0 to below 2, got 2", () -> new Assignments(new int[] {2}, 2));
    refused("centroids must be at least 1, got 0", () -> new Assignments(new int[0], 0));
    refused(
        "assignments must be of each of the 12 blocks, got 3",
        () ->
            new QuantizedWeight(
                shape, BlockLayout.ROWS, 2, new float[4], new Assignments(new int[3], 2)));
    refused(
        "centroids must have 2 x 2 numbers, got 5",
        () ->
            new QuantizedWeight(
                shape, BlockLayout.ROWS, 2, new float[5], new Assignments(new int[12], 2)));
    QuantizedWeight quantized = ProductQuantizer.encode(weight, shape, BlockLayout.ROWS, 2, two);
    refused(
        "weight must have the 24 numbers of [6, 4], got 1",
        () -> quantized.relativeError(new float[1]));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
