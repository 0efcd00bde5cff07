/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Where a codebook gets its first values from.
 *
 * <p>Some read a batch. Such a codebook is all zero until {@link VqEndpoints#embSpaceBatchInit} is
 * run with a batch that has at least K pieces. Every random choice is by a seed: the same seed
 * gives the same bits.
 */
public abstract class CodebookInitializer {
  private CodebookInitializer() {}

  /** The values that the variable starts with, {@code [size, width]}. */
  abstract <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width);

  /** The values that the pieces of a batch, {@code [N, D]}, give; empty if no batch is read. */
  <T extends TFloating> Optional<Operand<T>> fromPieces(Ops tf, Operand<T> pieces, int size) {
    return Optional.empty();
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
   * The first K pieces of a batch, in row-major order: the original's way.
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
            enough(tf, pieces, size),
            tf.constant(new int[] {0, 0}),
            tf.constant(new int[] {size, width}));
      }

      @Override
      public String toString() {
        return "fromBatch()";
      }
    };
  }

  /**
   * The first K pieces of a batch of any size above 0; where it has too few, the missing codes are
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
        Operand<T> some = atLeast(tf, pieces, 1);
        Operand<TInt32> rows = rows(tf, some);
        Operand<TInt32> drawn =
            tf.random.statelessRandomUniformInt(
                tf.constant(new int[] {size}), seed(tf, seed), tf.constant(0), rows);
        Operand<TInt32> order = tf.range(tf.constant(0), tf.constant(size), tf.constant(1));
        var missing = tf.math.greaterEqual(order, rows);
        Operand<T> chosen = tf.gather(some, tf.select(missing, drawn, order), tf.constant(0));
        Operand<T> deviation = tf.math.sqrt(variance(tf, some));
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
        Operand<TFloat32> points = tf.dtypes.cast(enough(tf, pieces, size), TFloat32.class);
        Operand<T> codes =
            tf.dtypes.cast(
                tf.cluster.kmeansPlusPlusInitialization(
                    points, tf.constant((long) size), tf.constant(seed), tf.constant(-1L)),
                pieces.type());
        return tf.reshape(
            codes, tf.constant(new int[] {size, Math.toIntExact(pieces.shape().get(1))}));
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
    abstract <T extends TFloating> Operand<T> choose(Ops tf, Operand<T> pieces, int size);

    @Override
    <T extends TFloating> Operand<T> first(Ops init, Class<T> type, int size, int width) {
      return init.zeros(init.constant(new int[] {size, width}), type);
    }

    @Override
    <T extends TFloating> Optional<Operand<T>> fromPieces(Ops tf, Operand<T> pieces, int size) {
      return Optional.of(choose(tf, pieces, size));
    }

    static <T extends TFloating> Operand<T> enough(Ops tf, Operand<T> pieces, int size) {
      return atLeast(tf, pieces, size);
    }
  }

  /** The pieces, once it is certain that there are enough of them. */
  private static <T extends TFloating> Operand<T> atLeast(Ops tf, Operand<T> pieces, int least) {
    long known = pieces.shape().get(0);
    if (known >= least) {
      return pieces;
    }
    if (known >= 0) {
      throw new IllegalArgumentException(
          "x must have at least " + least + " pieces to set the codebook from, got " + known);
    }
    Operand<TInt32> rows = rows(tf, pieces);
    var enough =
        tf.assertThat(
            tf.math.greaterEqual(rows, tf.constant(least)),
            List.of(
                tf.constant(
                    "x must have at least " + least + " pieces to set the codebook from, got"),
                rows));
    return tf.withControlDependencies(List.of(enough)).identity(pieces);
  }

  private static <T extends TFloating> Operand<T> variance(Ops tf, Operand<T> pieces) {
    Operand<TInt32> all = tf.constant(new int[] {0, 1});
    return tf.math.mean(tf.math.squaredDifference(pieces, tf.math.mean(pieces, all)), all);
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
