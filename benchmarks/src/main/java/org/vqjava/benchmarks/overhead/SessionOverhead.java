/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks.overhead;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** A run of a graph that does nothing, and ways to hand 4 MiB over. */
@State(Scope.Thread)
public class SessionOverhead {
  private static final int NUMBERS = 1 << 20;
  private static final Shape SHAPE = Shape.of(NUMBERS);

  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final float[] array = new float[NUMBERS];
  private final float[] other = new float[NUMBERS];
  private final FloatBuffer direct =
      ByteBuffer.allocateDirect(4 * NUMBERS).order(ByteOrder.nativeOrder()).asFloatBuffer();
  private final Placeholder<TFloat32> fed;
  private final Operand<TFloat32> same;
  private final TFloat32 one = TFloat32.scalarOf(1f);
  private final TFloat32 many = TFloat32.tensorOf(SHAPE);

  /** Builds the graph. */
  public SessionOverhead() {
    Ops tf = Ops.create(graph);
    fed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.unknown()));
    same = tf.identity(fed);
  }

  /** Numbers that are none of the easy ones. */
  @Setup
  public void fill() {
    for (int i = 0; i < NUMBERS; i++) {
      array[i] = i / 3f;
    }
  }

  /** Gives the memory back. */
  @TearDown
  public void close() {
    one.close();
    many.close();
    session.close();
    graph.close();
  }

  /** Nothing is fetched. */
  @Benchmark
  public void runTarget() {
    session.runner().feed(fed, one).addTarget(same).run().close();
  }

  /**
   * One number is fetched.
   *
   * @return the number
   */
  @Benchmark
  public float runAndFetch() {
    try (Result result = session.runner().feed(fed, one).fetch(same).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /**
   * Java's own copy, which the others are measured by.
   *
   * @return the copy
   */
  @Benchmark
  public float[] copyArray() {
    System.arraycopy(array, 0, other, 0, NUMBERS);
    return other;
  }

  /**
   * From an array, as one should.
   *
   * @return its rank
   */
  @Benchmark
  public int tensorOfArray() {
    try (TFloat32 tensor = TFloat32.tensorOf(SHAPE, DataBuffers.of(array))) {
      return tensor.rank();
    }
  }

  /**
   * From a direct buffer.
   *
   * @return its rank
   */
  @Benchmark
  public int tensorOfDirectBuffer() {
    try (TFloat32 tensor = TFloat32.tensorOf(SHAPE, DataBuffers.of(direct.duplicate()))) {
      return tensor.rank();
    }
  }

  /**
   * Number by number.
   *
   * @return its rank
   */
  @Benchmark
  public int tensorByElements() {
    try (TFloat32 tensor = TFloat32.tensorOf(SHAPE)) {
      for (int i = 0; i < NUMBERS; i++) {
        tensor.setFloat(array[i], i);
      }
      return tensor.rank();
    }
  }

  /**
   * Into an array, as one should.
   *
   * @return the array
   */
  @Benchmark
  public float[] arrayOfTensor() {
    many.asRawTensor().data().asFloats().read(other);
    return other;
  }
}
