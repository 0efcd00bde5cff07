/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.testing.TensorValues;

/** One layer in a graph and session of its own. */
final class LayerFixture<T extends TFloating> implements AutoCloseable {
  final Graph graph = new Graph();
  final Ops tf = Ops.create(graph);
  final Placeholder<T> x;
  final Codebook<T> codebook;
  final VqOptions options;
  final VqEndpoints<T> vq;
  private final Session session;

  private LayerFixture(
      Class<T> type,
      Shape inputShape,
      int size,
      int width,
      CodebookInitializer initializer,
      VqOptions options) {
    this.x = tf.placeholder(type, Placeholder.shape(inputShape));
    this.codebook = Codebook.create(tf, "codebook", size, width, type, initializer);
    this.options = options;
    this.vq = VectorQuantization.vectorQuantization(tf, x, codebook, options);
    this.session = new Session(graph);
    session.initialize();
  }

  static LayerFixture<TFloat32> floats(
      Shape inputShape, int size, int width, CodebookInitializer initializer, VqOptions options) {
    return new LayerFixture<>(TFloat32.class, inputShape, size, width, initializer, options);
  }

  static LayerFixture<TFloat64> doubles(
      Shape inputShape, int size, int width, CodebookInitializer initializer, VqOptions options) {
    return new LayerFixture<>(TFloat64.class, inputShape, size, width, initializer, options);
  }

  /** Values that a float32 holds exactly. */
  static double[] random(long seed, int count) {
    Random random = new Random(seed);
    return random.doubles(count).map(v -> (float) (4 * v - 2)).toArray();
  }

  /** Adds ops: their variables, such as an optimizer's, get their first values. */
  Session session() {
    return session;
  }

  /** The values of operands for a batch, in one run with targets. */
  double[][] run(Shape shape, double[] batch, List<? extends Op> targets, Operand<?>... fetches) {
    try (T fed = tensor(shape, batch)) {
      Session.Runner runner = session.runner().feed(x, fed);
      targets.forEach(runner::addTarget);
      List.of(fetches).forEach(runner::fetch);
      try (Result result = runner.run()) {
        double[][] values = new double[fetches.length][];
        for (int i = 0; i < fetches.length; i++) {
          values[i] = TensorValues.doubles(result.get(i));
        }
        return values;
      }
    }
  }

  double[] value(Shape shape, double[] batch, Operand<?> fetch) {
    return run(shape, batch, List.of(), fetch)[0];
  }

  /** The value of what depends on no batch. */
  double[] value(Operand<?> fetch) {
    try (Result result = session.runner().fetch(fetch).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  void run(Op target) {
    session.runner().addTarget(target).run().close();
  }

  double[] codes() {
    return value(codebook.values());
  }

  private T tensor(Shape shape, double[] batch) {
    if (x.type().equals(TFloat64.class)) {
      return x.type().cast(TFloat64.tensorOf(shape, DataBuffers.of(batch)));
    }
    float[] floats = new float[batch.length];
    for (int i = 0; i < batch.length; i++) {
      floats[i] = (float) batch[i];
    }
    return x.type().cast(TFloat32.tensorOf(shape, DataBuffers.of(floats)));
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
