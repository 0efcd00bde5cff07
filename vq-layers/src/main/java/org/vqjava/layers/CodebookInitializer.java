/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.FiniteRows;
import org.vqjava.ops.SpreadVectors;

/**
 * Where a codebook gets its first values from.
 *
 * <p>Some read a batch. Such a codebook has no values until {@link VqEndpoints#embSpaceBatchInit}
 * is run with a batch that has enough pieces: its variable holds −∞ then, and whatever reads the
 * codes, a step or a look-up, fails with an error that says so. Pieces with a number that is not
 * finite are left out; if too few remain, the error says how many of how many were finite. Every
 * random choice is by a seed: the same seed gives the same bits.
 */
public abstract class CodebookInitializer {
  private CodebookInitializer() {}

  /** The values that the variable starts with, {@code [size, width]}. */
  abstract <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width);

  /** The values that the pieces of a batch, {@code [N, D]}, give; empty if no batch is read. */
  <T extends TFloating> Optional<Operand<T>> fromPieces(Ops tf, Operand<T> pieces, int size) {
    return Optional.empty();
  }

  /** Whether its codebook may have no values yet: it reads a batch, or nobody knows. */
  boolean mayNeedStart() {
    return false;
  }

  /** What each number of a codebook is that has no values yet. Training that diverges gives NaN. */
  static <T extends TFloating> Operand<T> unstarted(Ops tf, Class<T> type) {
    return scalar(tf, type, Double.NEGATIVE_INFINITY);
  }

  /**
   * Normal random numbers about 0; with standard deviation 1 the original's default.
   *
   * @param stddev standard deviation, positive
   * @param seed chooses the numbers
   * @return the initializer
   * @throws IllegalArgumentException if the standard deviation is not positive
   */
  public static CodebookInitializer normal(double stddev, long seed) {
    Check.positive("stddev", stddev);
    return new CodebookInitializer() {
      @Override
      <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
        Operand<T> unit =
            init.random.statelessRandomNormal(
                init.constant(new int[] {size, width}), seed(init, seed), type);
        return init.math.mul(unit, scalar(init, type, stddev));
      }

      @Override
      public String toString() {
        return "normal(" + stddev + ", " + seed + ")";
      }
    };
  }

  /**
   * Uniform random numbers.
   *
   * @param min the least number
   * @param max the number above all, greater than {@code min}
   * @param seed chooses the numbers
   * @return the initializer
   * @throws IllegalArgumentException if the range is empty or not finite
   */
  public static CodebookInitializer uniform(double min, double max, long seed) {
    Check.finite("min", min);
    Check.finite("max", max);
    if (!(min < max)) {
      throw new IllegalArgumentException("max must be greater than min " + min + ", got " + max);
    }
    return new CodebookInitializer() {
      @Override
      <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
        Operand<T> unit =
            init.random.statelessRandomUniform(
                init.constant(new int[] {size, width}), seed(init, seed), type);
        return init.math.add(
            init.math.mul(unit, scalar(init, type, max - min)), scalar(init, type, min));
      }

      @Override
      public String toString() {
        return "uniform(" + min + ", " + max + ", " + seed + ")";
      }
    };
  }

  /**
   * Given values.
   *
   * @param codes the codes one after the other, K·D finite numbers; copied
   * @return the initializer
   * @throws IllegalArgumentException if a number is not finite; when the codebook is created, if
   *     there are not K·D of them
   */
  public static CodebookInitializer constant(double[] codes) {
    double[] copy = codes.clone();
    for (double number : copy) {
      Check.finite("codes", number);
    }
    return new CodebookInitializer() {
      @Override
      <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
        if (copy.length != (long) size * width) {
          throw new IllegalArgumentException(
              "codes must be "
                  + size
                  + " times "
                  + width
                  + " numbers for the codebook, got "
                  + copy.length);
        }
        return init.dtypes.cast(init.constant(Shape.of(size, width), DataBuffers.of(copy)), type);
      }

      @Override
      public String toString() {
        return "constant(" + copy.length + " numbers)";
      }
    };
  }

  /**
   * Given values.
   *
   * @param codes the codes one after the other, K·D finite numbers; copied
   * @return the initializer
   * @throws IllegalArgumentException as for doubles
   */
  public static CodebookInitializer constant(float[] codes) {
    double[] doubles = new double[codes.length];
    for (int i = 0; i < codes.length; i++) {
      doubles[i] = codes[i];
    }
    return constant(doubles);
  }

  /**
   * The first K finite pieces of a batch, in row-major order: the original's way.
   *
   * <p>Pieces that are alike make codes that are alike, of which all but the first are dead: of
   * images with a background, 226 of 256 were distinct. {@link #kMeansPlusPlus} avoids it.
   *
   * @return the initializer
   */
  public static CodebookInitializer fromBatch() {
    return new FromBatch() {
      @Override
      <T extends TFloating> Operand<T> choose(Ops tf, Operand<T> pieces, int size) {
        int width = Math.toIntExact(pieces.shape().get(1));
        return tf.slice(
            pieces, tf.constant(new int[] {0, 0}), tf.constant(new int[] {size, width}));
      }

      @Override
      public String toString() {
        return "fromBatch()";
      }
    };
  }

  /**
   * The first K finite pieces of a batch that has any; where it has too few, the missing codes are
   * pieces drawn at random with Gaussian noise.
   *
   * @param jitter standard deviation of the noise as a part of the batch's own, positive; 0.01
   *     keeps codes apart and near the data
   * @param seed chooses the pieces and the noise
   * @return the initializer
   * @throws IllegalArgumentException if {@code jitter} is not positive
   */
  public static CodebookInitializer fromBatchWithJitter(double jitter, long seed) {
    Check.positive("jitter", jitter);
    return new FromBatch() {
      @Override
      <T extends TFloating> Operand<T> choose(Ops tf, Operand<T> pieces, int size) {
        Class<T> type = pieces.type();
        int width = Math.toIntExact(pieces.shape().get(1));
        Operand<TInt32> rows = rows(tf, pieces);
        Operand<TInt32> drawn =
            tf.random.statelessRandomUniformInt(
                tf.constant(new int[] {size}), seed(tf, seed), tf.constant(0), rows);
        Operand<TInt32> order = tf.range(tf.constant(0), tf.constant(size), tf.constant(1));
        var missing = tf.math.greaterEqual(order, rows);
        Operand<T> chosen = tf.gather(pieces, tf.select(missing, drawn, order), tf.constant(0));
        Operand<T> deviation = deviation(tf, pieces);
        Operand<T> noise =
            tf.random.statelessRandomNormal(
                tf.constant(new int[] {size, width}), seed(tf, seed + 1), type);
        Operand<T> scale =
            tf.math.mul(
                tf.dtypes.cast(tf.expandDims(missing, tf.constant(1)), type),
                tf.math.mul(deviation, scalar(tf, type, jitter)));
        return tf.math.add(chosen, tf.math.mul(noise, scale));
      }

      @Override
      int least(int size) {
        return 1;
      }

      @Override
      public String toString() {
        return "fromBatchWithJitter(" + jitter + ", " + seed + ")";
      }
    };
  }

  /**
   * K pieces of a batch, each drawn with a probability that grows with the squared distance from
   * those drawn before. No two are alike while there are pieces that differ.
   *
   * <p>Cost: O(N·K·D). Pieces of float64 are compared, and the codes given, in float32's precision.
   *
   * @param seed chooses the pieces
   * @return the initializer
   * @see <a href="https://dl.acm.org/doi/10.5555/1283383.1283494">Arthur, Vassilvitskii, 2007</a>
   */
  public static CodebookInitializer kMeansPlusPlus(long seed) {
    return new FromBatch() {
      @Override
      <T extends TFloating> Operand<T> choose(Ops tf, Operand<T> pieces, int size) {
        return SpreadVectors.of(tf, pieces, size, seed);
      }

      @Override
      public String toString() {
        return "kMeansPlusPlus(" + seed + ")";
      }
    };
  }

  /** Of a variable that has its values from elsewhere. */
  static CodebookInitializer kept() {
    return new CodebookInitializer() {
      @Override
      boolean mayNeedStart() {
        return true;
      }

      @Override
      <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
        throw new IllegalStateException("a codebook that was taken over has its values already");
      }

      @Override
      public String toString() {
        return "kept()";
      }
    };
  }

  private abstract static class FromBatch extends CodebookInitializer {
    /** Of pieces that are all finite, and enough. */
    abstract <T extends TFloating> Operand<T> choose(Ops tf, Operand<T> pieces, int size);

    /** How many pieces are enough. */
    int least(int size) {
      return size;
    }

    @Override
    boolean mayNeedStart() {
      return true;
    }

    @Override
    <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
      return init.fill(init.constant(new int[] {size, width}), unstarted(init, type));
    }

    @Override
    <T extends TFloating> Optional<Operand<T>> fromPieces(Ops tf, Operand<T> pieces, int size) {
      return Optional.of(choose(tf, enough(tf, pieces, least(size)), size));
    }
  }

  /** The finite ones of the pieces, once it is certain that there are enough of them. */
  private static <T extends TFloating> Operand<T> enough(Ops tf, Operand<T> pieces, int least) {
    String required =
        "x must have at least " + least + " finite pieces to set the codebook from, got";
    long known = pieces.shape().get(0);
    if (known >= 0 && known < least) {
      throw new IllegalArgumentException(required + " " + known);
    }
    Operand<TInt64> finite =
        tf.reshape(tf.where(FiniteRows.of(tf, pieces)), tf.constant(new int[] {-1}));
    Operand<TInt32> count = tf.size(finite);
    var enough =
        tf.assertThat(
            tf.math.greaterEqual(count, tf.constant(least)),
            List.of(tf.constant(required), count, tf.constant("of"), rows(tf, pieces)));
    Ops sure = tf.withControlDependencies(List.of(enough));
    return sure.gather(pieces, finite, sure.constant(0));
  }

  /**
   * The standard deviation, in parts of the largest, as squares of large numbers are out of range.
   */
  private static <T extends TFloating> Operand<T> deviation(Ops tf, Operand<T> pieces) {
    Operand<TInt32> all = tf.constant(new int[] {0, 1});
    Operand<T> mean = tf.math.mean(pieces, all);
    Operand<T> largest = tf.max(tf.math.abs(tf.math.sub(pieces, mean)), all);
    Operand<T> parts = tf.math.divNoNan(tf.math.sub(pieces, mean), largest);
    return tf.math.mul(largest, tf.math.sqrt(tf.math.mean(tf.math.square(parts), all)));
  }

  private static Operand<TInt32> rows(Ops tf, Operand<?> pieces) {
    return tf.gather(tf.shape(pieces), tf.constant(0), tf.constant(0));
  }

  private static Operand<TInt64> seed(Ops tf, long seed) {
    return tf.constant(new long[] {seed, 0});
  }

  private static <T extends TFloating> Operand<T> scalar(Ops tf, Class<T> type, double value) {
    return tf.dtypes.cast(tf.constant(value), type);
  }
}
