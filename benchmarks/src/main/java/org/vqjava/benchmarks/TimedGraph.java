/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A graph in a session of so many threads, and numbers to feed it. */
final class TimedGraph implements AutoCloseable {
  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Session session;

  private TimedGraph(int threads) {
    session =
        new Session(
            graph,
            ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(threads)
                .build());
  }

  static TimedGraph ofThreads(int threads) {
    return new TimedGraph(threads);
  }

  static TimedGraph ofOneThread() {
    return new TimedGraph(1);
  }

  Ops tf() {
    return tf;
  }

  Graph graph() {
    return graph;
  }

  Session session() {
    return session;
  }

  Placeholder<TFloat32> fed(long... shape) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(shape)));
  }

  /** Normal numbers of a seed. */
  static TFloat32 normal(long seed, long... shape) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(Shape.of(shape).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TFloat32.tensorOf(Shape.of(shape), t -> t.asRawTensor().data().asFloats().write(values));
  }

  /** Computes a target, and fetches nothing: results are left where they are. */
  Contender contender(String name, Operand<TFloat32> input, TFloat32 value, Op target) {
    return new Contender(
        name, () -> session.runner().feed(input, value).addTarget(target).run().close());
  }

  int[] indices(Operand<TFloat32> input, TFloat32 value, Operand<TInt32> fetched) {
    try (Result result = session.runner().feed(input, value).fetch(fetched).run()) {
      int[] indices = new int[Math.toIntExact(result.get(0).shape().size())];
      result.get(0).asRawTensor().data().asInts().read(indices);
      return indices;
    }
  }

  float[] numbers(Operand<TFloat32> input, TFloat32 value, Operand<TFloat32> fetched) {
    try (Result result = session.runner().feed(input, value).fetch(fetched).run()) {
      return numbers((TFloat32) result.get(0));
    }
  }

  static float[] numbers(TFloat32 tensor) {
    float[] numbers = new float[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asFloats().read(numbers);
    return numbers;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
