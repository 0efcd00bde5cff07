/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.TensorValues;

/**
 * An operation on images with channels first, compared with the same on transposed images with
 * channels last.
 *
 * @param type of the operation
 * @param axes height and width, for volumes depth before them
 */
record ChannelsFirst(String type, int axes) {
  private static final int CHANNELS = 4;

  static List<ChannelsFirst> all() {
    return List.of(
        new ChannelsFirst("MaxPool", 2),
        new ChannelsFirst("AvgPool", 2),
        new ChannelsFirst("DepthToSpace", 2),
        new ChannelsFirst("SpaceToDepth", 2),
        new ChannelsFirst("MaxPool3D", 3),
        new ChannelsFirst("AvgPool3D", 3));
  }

  /** The largest deviation of outputs and gradients; writes a model. */
  double worst(Path folder) throws IOException {
    save(folder);
    try (TrainableModel model = FlatModel.read(folder).load()) {
      Ops tf = model.tf();
      Operand<TFloat32> x = model.input("x").asOutput().expect(TFloat32.class);
      Operand<TFloat32> moved = tf.linalg.transpose(x, tf.constant(axes(1, axes + 1)));
      Operand<TFloat32> last = built(model.graph(), tf, moved);
      Operand<TFloat32> expected = tf.linalg.transpose(last, tf.constant(axes(axes + 1, 1)));
      Operand<TFloat32> y = model.output("y").asOutput().expect(TFloat32.class);
      long[] shape = shape(2);
      float[] values = new float[(int) Shape.of(shape).size()];
      Random random = new Random(1);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      try (Tensor fed = TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(values));
          Result result =
              model
                  .session()
                  .runner()
                  .feed(x, fed)
                  .fetch(y)
                  .fetch(expected)
                  .fetch(gradient(model, tf, y, x))
                  .fetch(gradient(model, tf, expected, x))
                  .run()) {
        return Math.max(
            deviation(result.get(0), result.get(1)), deviation(result.get(2), result.get(3)));
      }
    }
  }

  private static double deviation(Tensor one, Tensor other) {
    double[] got = TensorValues.doubles(one);
    double[] expected = TensorValues.doubles(other);
    double worst = one.shape().equals(other.shape()) ? 0 : Double.NaN;
    for (int i = 0; i < got.length; i++) {
      worst = Math.max(worst, Math.abs(got[i] - expected[i]));
    }
    return worst;
  }

  private static Output<?> gradient(
      TrainableModel model, Ops tf, Operand<TFloat32> y, Operand<TFloat32> x) {
    Operand<TFloat32> loss =
        tf.reduceSum(tf.math.square(y), tf.range(tf.constant(0), tf.rank(y), tf.constant(1)));
    return model.graph().addGradients(loss.asOutput(), new Output<?>[] {x.asOutput()})[0];
  }

  private long[] shape(long batch) {
    long[] shape = new long[axes + 2];
    Arrays.fill(shape, 6);
    shape[0] = batch;
    shape[1] = CHANNELS;
    return shape;
  }

  /** A permutation that moves an axis. */
  private int[] axes(int from, int to) {
    int[] axes = new int[axes() + 2];
    int next = 0;
    for (int i = 0; i < axes.length; i++) {
      if (i == to) {
        axes[i] = from;
      } else {
        next += next == from ? 1 : 0;
        axes[i] = next++;
      }
    }
    return axes;
  }

  /** No processor need be able to run it. */
  private void save(Path folder) throws IOException {
    Map<String, AttrValue> attributes = new LinkedHashMap<>(attributes(true));
    attributes.put("T", SyntheticModel.FLOAT);
    AttrValue shape = SyntheticModel.shape(shape(-1));
    new SyntheticModel()
        .input(TensorInfo.newBuilder().setName("x:0").setDtype(DataType.DT_FLOAT).build())
        .output("y:0")
        .add(
            SyntheticModel.node(
                "x", "Placeholder", Map.of("dtype", SyntheticModel.FLOAT, "shape", shape)),
            SyntheticModel.node("y", type, attributes, "x"))
        .write(folder);
  }

  private Operand<TFloat32> built(Graph graph, Ops tf, Operand<TFloat32> x) {
    GraphOperationBuilder builder = graph.opBuilder(type, tf.scope().makeOpName(type), tf.scope());
    builder.addInput(x.asOutput());
    attributes(false).forEach(builder::setAttr);
    return builder.build().output(0).expect(TFloat32.class);
  }

  private Map<String, AttrValue> attributes(boolean first) {
    String volume = axes == 3 ? "D" : "";
    AttrValue format = Attributes.of(first ? "NC" + volume + "HW" : "N" + volume + "HWC");
    return type.contains("Pool")
        ? Map.of(
            "data_format", format,
            "ksize", Attributes.of(window(3, first)),
            "strides", Attributes.of(window(2, first)),
            "padding", Attributes.of("SAME"))
        : Map.of("data_format", format, "block_size", Attributes.of(2));
  }

  private List<Long> window(long size, boolean first) {
    List<Long> window = new ArrayList<>(Collections.nCopies(axes + 2, size));
    window.set(0, 1L);
    window.set(first ? 1 : axes + 1, 1L);
    return window;
  }
}
