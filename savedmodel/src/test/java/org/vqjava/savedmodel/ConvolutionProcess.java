/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.testing.TensorValues;

/**
 * Computes convolutions of models, their outputs and gradients, and compares them with their
 * definition, in a process of its own: what TensorFlow can compute is decided at its start. Prints
 * a line for each that is not right, and at the end how many there were.
 *
 * <p>Arguments: a folder for models.
 */
final class ConvolutionProcess {
  private static final double ROUNDING = 1e-5;

  private ConvolutionProcess() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int number = 0;
    for (ConvolutionCase one : ConvolutionCase.all()) {
      compare(one, one.tolerance(), folder.resolve("m" + number), new Run(one, number)::worst);
      number++;
    }
    for (ChannelsFirst one : ChannelsFirst.all()) {
      compare(one, ROUNDING, folder.resolve("m" + number), one::worst);
      number++;
    }
    System.out.println("compared " + number);
  }

  private interface Comparison {
    double worst(Path model) throws IOException;
  }

  private static void compare(Object one, double tolerance, Path model, Comparison comparison)
      throws IOException {
    try {
      double worst = comparison.worst(model);
      if (!(worst <= tolerance)) {
        System.out.println("wrong " + one + ": " + worst);
      }
    } catch (RuntimeException e) {
      System.out.println("failed " + one + ": " + e);
    }
    if (Files.exists(model)) {
      NewFolder.delete(model);
    }
  }

  /** One case, with numbers drawn. */
  private static final class Run {
    private final ConvolutionCase one;
    private final boolean transposed;
    private final double[] image;
    private final double[] filter;

    Run(ConvolutionCase one, long seed) {
      this.one = one;
      this.transposed = one.type().equals(ConvolutionCase.TRANSPOSED);
      Random random = new Random(seed);
      this.image = drawn(random, size(transposed ? one.convolved() : one.size()));
      this.filter = drawn(random, size(one.filter()));
    }

    /** In quarters, which all types hold. */
    private static double[] drawn(Random random, int numbers) {
      return random.ints(numbers, -4, 5).mapToDouble(i -> i / 4.0).toArray();
    }

    private static int size(int[] shape) {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    double worst(Path model) throws IOException {
      save(model);
      int[] result = transposed ? one.size() : one.convolved();
      double[] none = new double[size(result)];
      double[] y =
          transposed
              ? one.derivatives(none, filter, image)[0]
              : one.derivatives(image, filter, none)[2];
      double[][] by =
          transposed ? one.derivatives(y, filter, image) : one.derivatives(image, filter, y);
      List<double[]> expected = List.of(y, by[transposed ? 2 : 0], by[1]);
      List<double[]> got = run(model);
      double worst = 0;
      for (int i = 0; i < expected.size(); i++) {
        worst = Math.max(worst, deviation(got.get(i), expected.get(i)));
      }
      return worst;
    }

    private static double deviation(double[] got, double[] expected) {
      if (got.length != expected.length) {
        throw new IllegalArgumentException(got.length + " numbers for " + expected.length);
      }
      double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
      return IntStream.range(0, got.length)
              .mapToDouble(i -> Math.abs(got[i] - expected[i]))
              .max()
              .orElse(0)
          / Math.max(1, largest);
    }

    private void save(Path folder) throws IOException {
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        Ops tf = Ops.create(graph);
        int[] shape = transposed ? one.convolved() : one.size();
        long[] known =
            IntStream.range(0, 4)
                .mapToLong(i -> one.unknown().indexOf("NHWC".charAt(i)) < 0 ? shape[i] : -1)
                .toArray();
        Placeholder<TFloat32> x =
            tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(laidOut(known))));
        Variable<TFloat32> f =
            tf.withName("f").variable(tf.reshape(floats(tf, filter), tf.constant(filterShape())));
        Output<?> y = built(graph, tf, x, tf.identity(f));
        session.initialize();
        SavedModelBundle.exporter(folder.toString())
            .withSession(session)
            .withSignature(
                Signature.builder("f")
                    .input("x", x)
                    .output("y", tf.withName("y").identity(y))
                    .build())
            .export();
      }
    }

    private static Operand<TFloat32> floats(Ops tf, double[] values) {
      float[] floats = new float[values.length];
      IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
      return tf.constant(floats);
    }

    private int[] filterShape() {
      int[] filter = one.filter();
      return one.type().equals(ConvolutionCase.DEPTHWISE)
          ? new int[] {filter[0], filter[1], one.size()[3], filter[3] / one.size()[3]}
          : filter;
    }

    private long[] laidOut(long... nhwc) {
      return one.channelsFirst() ? new long[] {nhwc[0], nhwc[3], nhwc[1], nhwc[2]} : nhwc;
    }

    private Output<?> built(Graph graph, Ops tf, Operand<TFloat32> x, Operand<TFloat32> f) {
      GraphOperationBuilder builder = graph.opBuilder(one.type(), "convolution", tf.scope());
      if (transposed) {
        builder.addInput(sizes(tf, x).asOutput());
        builder.addInput(cast(graph, tf, f, one.number()));
        builder.addInput(cast(graph, tf, x, one.number()));
      } else {
        builder.addInput(cast(graph, tf, x, one.number()));
        builder.addInput(cast(graph, tf, f, one.number()));
      }
      int[] s = one.strides();
      int[] d = one.dilations();
      builder.setAttr("strides", laidOut(1, s[0], s[1], 1));
      builder.setAttr("dilations", laidOut(1, d[0], d[1], 1));
      builder.setAttr("padding", one.padding());
      builder.setAttr("data_format", one.channelsFirst() ? "NCHW" : "NHWC");
      if (one.padding().equals("EXPLICIT")) {
        int[] p = ConvolutionCase.SIDES;
        builder.setAttr(
            "explicit_paddings",
            one.channelsFirst()
                ? new long[] {0, 0, 0, 0, p[0], p[1], p[2], p[3]}
                : new long[] {0, 0, p[0], p[1], p[2], p[3], 0, 0});
      }
      return cast(graph, tf, builder.build().output(0), DataType.DT_FLOAT);
    }

    /** The batch is that of the image, as Keras computes it. */
    private Operand<TInt32> sizes(Ops tf, Operand<TFloat32> x) {
      int[] size = one.size();
      List<Operand<TInt32>> parts = new ArrayList<>();
      parts.add(tf.slice(tf.shape(x), tf.constant(new int[] {0}), tf.constant(new int[] {1})));
      long[] rest = laidOut(size[0], size[1], size[2], size[3]);
      parts.add(tf.constant(new int[] {(int) rest[1], (int) rest[2], (int) rest[3]}));
      return tf.concat(parts, tf.constant(0));
    }

    private static Output<?> cast(Graph graph, Ops tf, Operand<?> x, DataType type) {
      GraphOperationBuilder builder =
          graph.opBuilder("Cast", tf.scope().makeOpName("Cast"), tf.scope());
      return builder.addInput(x.asOutput()).setAttr("DstT", type).build().output(0);
    }

    /** Output, gradient of half its squares by the image, and by the filter; channels last. */
    private List<double[]> run(Path folder) throws IOException {
      try (TrainableModel model = FlatModel.read(folder).load()) {
        Ops tf = model.tf();
        Operand<TFloat32> y = model.output("y").asOutput().expect(TFloat32.class);
        Operand<TFloat32> loss =
            tf.reduceSum(
                tf.math.mul(tf.math.square(y), tf.constant(0.5f)),
                tf.range(tf.constant(0), tf.rank(y), tf.constant(1)));
        Output<?>[] by =
            model
                .graph()
                .addGradients(
                    loss.asOutput(),
                    new Output<?>[] {
                      model.input("x").asOutput(), model.graph().outputOrThrow("f/read")
                    });
        int[] shape = transposed ? one.convolved() : one.size();
        long[] fed = laidOut(shape[0], shape[1], shape[2], shape[3]);
        float[] values = new float[image.length];
        for (int i = 0; i < values.length; i++) {
          values[place(shape, i)] = (float) image[i];
        }
        try (Tensor x = TFloat32.tensorOf(Shape.of(fed), DataBuffers.of(values));
            Result result =
                model
                    .session()
                    .runner()
                    .feed(model.input("x"), x)
                    .fetch(y)
                    .fetch(by[0])
                    .fetch(by[1])
                    .run()) {
          return List.of(
              last(TensorValues.doubles(result.get(0)), transposed ? one.size() : one.convolved()),
              last(TensorValues.doubles(result.get(1)), shape),
              TensorValues.doubles(result.get(2)));
        }
      }
    }

    private double[] last(double[] values, int[] shape) {
      double[] last = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        last[i] = values[place(shape, i)];
      }
      return last;
    }

    /** Where the model has the i-th number of an image with channels last. */
    private int place(int[] shape, int i) {
      if (!one.channelsFirst()) {
        return i;
      }
      int c = i % shape[3];
      int pixel = i / shape[3] % (shape[1] * shape[2]);
      int n = i / shape[3] / (shape[1] * shape[2]);
      return (n * shape[3] + c) * shape[1] * shape[2] + pixel;
    }
  }
}
