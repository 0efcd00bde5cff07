/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.clustering.ClusteredWeights;
import org.vqjava.clustering.pq.Assignments;
import org.vqjava.clustering.pq.QuantizedWeight;

/** A tensor of an archive. */
public sealed interface ArchivedTensor {
  /**
   * Its name.
   *
   * @return not empty, one of its kind in an archive
   */
  String name();

  /**
   * Its shape.
   *
   * @return known, of at least one number
   */
  Shape shape();

  /**
   * Its numbers.
   *
   * @return row-major; a new array
   */
  float[] decode();

  /**
   * The smallest form that keeps every bit: few different numbers become centroids and indices,
   * others stay as they are. So a network that was clustered elsewhere, in Python say, packs as
   * well as one of here.
   *
   * @param name its name
   * @param shape its shape
   * @param values its numbers, row-major
   * @return a clustered or a plain tensor
   * @throws IllegalArgumentException if the numbers are not as many as the shape says
   */
  static ArchivedTensor exact(String name, Shape shape, float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    int[] different = Arrays.stream(bits).sorted().distinct().toArray();
    long packed =
        Packing.packedBytes(values.length, Packing.bits(different.length))
            + (long) Float.BYTES * different.length;
    if (packed >= (long) Float.BYTES * values.length) {
      return new Plain(name, shape, values);
    }
    float[] centroids = new float[different.length];
    for (int k = 0; k < centroids.length; k++) {
      centroids[k] = Float.intBitsToFloat(different[k]);
    }
    int[] indices = Arrays.stream(bits).map(b -> Arrays.binarySearch(different, b)).toArray();
    return new Clustered(name, shape, 0, centroids, new Assignments(indices, different.length));
  }

  /**
   * All that is clustered in a graph, as it stands.
   *
   * @param weights of float32
   * @param session of the graph
   * @return a clustered tensor for each, in the order of the variables
   * @throws IllegalArgumentException if one is of another type
   */
  static List<ArchivedTensor> of(ClusteredWeights weights, Session session) {
    return List.copyOf(Clustered.allOf(weights.clustered(), session));
  }

  /**
   * A tensor that is left as it is.
   *
   * @param name its name
   * @param shape its shape
   * @param values its numbers, row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Plain(String name, Shape shape, float[] values) implements ArchivedTensor {
    /**
     * Checks that the numbers are as many, and takes the array as it is.
     *
     * @param name its name
     * @param shape its shape
     * @param values its numbers
     * @throws IllegalArgumentException if they are not as many
     */
    public Plain {
      check(name, shape);
      count(name, "values", shape.size(), values.length);
    }

    @Override
    public float[] decode() {
      return values.clone();
    }
  }

  /**
   * A tensor whose numbers are centroids.
   *
   * @param name its name
   * @param shape its shape
   * @param channels how many channels on the last axis have centroids of their own, 0 if they are
   *     common
   * @param centroids {@code [k]}, or {@code [channels, k]} row-major
   * @param indices which centroid each number is, row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Clustered(String name, Shape shape, int channels, float[] centroids, Assignments indices)
      implements ArchivedTensor {
    /**
     * Checks that all fits, and takes the array as it is.
     *
     * @param name its name
     * @param shape its shape
     * @param channels the size of the last axis, or 0
     * @param centroids k for each channel
     * @param indices one for each number
     * @throws IllegalArgumentException if the parts do not fit each other
     */
    public Clustered {
      check(name, shape);
      if (channels != 0 && channels != shape.get(shape.numDimensions() - 1)) {
        throw new IllegalArgumentException(
            name + ": channels must be 0 or the last size of " + shape + ", got " + channels);
      }
      count(name, "indices", shape.size(), indices.count());
      count(
          name, "centroids", (long) Math.max(1, channels) * indices.centroids(), centroids.length);
    }

    /**
     * What a clustered weight of a graph holds.
     *
     * @param weight of float32
     * @param session of the graph
     * @return the tensor
     * @throws IllegalArgumentException if it is of another type
     */
    public static Clustered of(ClusteredWeight<?> weight, Session session) {
      return allOf(List.of(weight), session).get(0);
    }

    /** In one run of the session, which prunes and optimizes all of the graph for each. */
    private static List<Clustered> allOf(
        List<? extends ClusteredWeight<?>> weights, Session session) {
      List<Clustered> all = new ArrayList<>();
      if (!weights.isEmpty()) {
        Session.Runner runner = session.runner();
        weights.forEach(w -> runner.fetch(w.centroids()).fetch(w.pullingIndices()));
        try (Result result = runner.run()) {
          for (int i = 0; i < weights.size(); i++) {
            all.add(of(weights.get(i), result.get(2 * i), result.get(2 * i + 1)));
          }
        }
      }
      return all;
    }

    private static Clustered of(ClusteredWeight<?> weight, Tensor book, Tensor taken) {
      if (!(book instanceof TFloat32)) {
        throw new IllegalArgumentException(
            weight.name() + " must be float32, got " + book.dataType());
      }
      Shape shape = weight.variable().shape();
      ClusterOptions options = weight.options();
      float[] centroids = new float[Math.toIntExact(book.shape().size())];
      int[] indices = new int[Math.toIntExact(shape.size())];
      book.asRawTensor().data().asFloats().read(centroids);
      taken.asRawTensor().data().asInts().read(indices);
      int channels =
          options.perChannel() ? Math.toIntExact(shape.get(shape.numDimensions() - 1)) : 0;
      return new Clustered(
          weight.name(), shape, channels, centroids, new Assignments(indices, options.clusters()));
    }

    @Override
    public float[] decode() {
      float[] values = new float[indices.count()];
      for (int i = 0; i < values.length; i++) {
        int first = channels == 0 ? 0 : i % channels * indices.centroids();
        values[i] = centroids[first + indices.get(i)];
      }
      return values;
    }
  }

  /**
   * A tensor whose blocks are centroids.
   *
   * @param name its name
   * @param weight centroids and assignments
   */
  record Blocks(String name, QuantizedWeight weight) implements ArchivedTensor {
    /**
     * Checks the name.
     *
     * @param name its name
     * @param weight centroids and assignments
     * @throws IllegalArgumentException if the name is empty
     */
    public Blocks {
      check(name, weight.shape());
    }

    @Override
    public Shape shape() {
      return weight.shape();
    }

    @Override
    public float[] decode() {
      return weight.decode();
    }
  }

  private static void check(String name, Shape shape) {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("name must not be empty");
    }
    if (shape.hasUnknownDimension() || shape.size() < 1 || shape.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + ": shape must be of 1 to 2^31 - 1 numbers, got " + shape);
    }
  }

  private static void count(String name, String what, long wanted, long got) {
    if (wanted != got) {
      throw new IllegalArgumentException(
          name + ": " + what + " must be " + wanted + ", got " + got);
    }
  }
}
