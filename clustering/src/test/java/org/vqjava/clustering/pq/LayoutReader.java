/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.tensorflow.ndarray.Shape;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenTensor;

/** Runs cases of blocks, and of encoding and decoding. */
final class LayoutReader {
  private LayoutReader() {}

  static void reshape(GoldenCase golden) {
    GoldenNode params = golden.params();
    GoldenNode inputs = golden.inputs();
    GoldenNode expected = golden.expected();
    int blockSize = params.integer("block_size");
    Shape shape =
        Shape.of(
            StreamSupport.stream(params.json("weight_shape").spliterator(), false)
                .mapToLong(n -> n.longValue())
                .toArray());
    String direction = params.text("direction");
    if (direction.equals("weight_to_blocks")) {
      float[] weight = GoldenDraws.floats(inputs.tensorOrZeros("weight", shape));
      golden
          .tolerance()
          .check(
              "blocks",
              GoldenDraws.doubles(BlockLayout.ROWS.toBlocks(weight, shape, blockSize)),
              GoldenDraws.doubles(GoldenDraws.transposed(expected.tensor("blocks"))));
    } else if (direction.equals("blocks_to_weight")) {
      float[] blocks = GoldenDraws.transposed(inputs.tensor("blocks"));
      golden
          .tolerance()
          .check(
              "weight",
              GoldenDraws.doubles(BlockLayout.ROWS.toWeight(blocks, shape, blockSize)),
              expected.tensor("weight").doubles());
    } else {
      throw new AssertionError("the reader does not know " + direction);
    }
  }

  static void encodeDecode(GoldenCase golden) {
    GoldenNode params = golden.params();
    GoldenNode expected = golden.expected();
    GoldenTensor weight = golden.inputs().tensor("weight");
    int blockSize = params.integer("block_size");
    float[] values = GoldenDraws.floats(weight);
    List<Double> objectives = new ArrayList<>();
    QuantizedWeight quantized =
        ProductQuantizer.encode(
            values,
            weight.shape(),
            BlockLayout.ROWS,
            blockSize,
            EmOptions.original(
                params.integer("n_centroids"),
                params.integer("n_iter"),
                params.number("eps"),
                params.integer("max_tentatives")),
            new GoldenDraws(golden.inputs()),
            step -> objectives.add(step.objective()));
    golden
        .tolerance()
        .check(
            "blocks",
            GoldenDraws.doubles(BlockLayout.ROWS.toBlocks(values, weight.shape(), blockSize)),
            GoldenDraws.doubles(GoldenDraws.transposed(expected.tensor("blocks"))));
    EmReader.checkState(
        golden.tolerance(), expected, quantized.centroids(), quantized.assignments().toInts());
    golden
        .tolerance()
        .check(
            "objective",
            objectives.stream().mapToDouble(o -> o).toArray(),
            expected.tensor("objective").doubles());
    golden
        .tolerance()
        .check(
            "weight", GoldenDraws.doubles(quantized.decode()), expected.tensor("weight").doubles());
  }
}
