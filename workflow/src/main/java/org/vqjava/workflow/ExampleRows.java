/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.vqjava.clustering.archive.NumpyArray;

/**
 * Rows of an array, in the type of what they are fed to. Numbers are fed as they are, never cut: a
 * model of token 3 is not asked for 3.7.
 *
 * @param <A> a Java array
 */
final class ExampleRows<A> {
  /** From here on a float16 is infinite. */
  private static final float BEYOND_FLOAT16 = 65520;

  /** From here on a bfloat16 is infinite. */
  private static final float BEYOND_BFLOAT16 = 0x1.FFp127f;

  private static final Map<Class<?>, Function<NumpyArray, ExampleRows<?>>> BY_TYPE =
      Map.of(
          TFloat32.class,
          a -> of(a, a.floats(), float[]::new, (s, v) -> TFloat32.tensorOf(s, DataBuffers.of(v))),
          TFloat64.class,
          a -> of(a, a.doubles(), double[]::new, (s, v) -> TFloat64.tensorOf(s, DataBuffers.of(v))),
          TFloat16.class,
          a ->
              of(
                  a,
                  below(BEYOND_FLOAT16, a.floats()),
                  float[]::new,
                  (s, v) -> TFloat16.tensorOf(s, DataBuffers.of(v))),
          TBfloat16.class,
          a ->
              of(
                  a,
                  below(BEYOND_BFLOAT16, a.floats()),
                  float[]::new,
                  (s, v) -> TBfloat16.tensorOf(s, DataBuffers.of(v))),
          TInt64.class,
          a -> of(a, a.longs(), long[]::new, (s, v) -> TInt64.tensorOf(s, DataBuffers.of(v))),
          TInt32.class,
          a -> of(a, ints(a), int[]::new, (s, v) -> TInt32.tensorOf(s, DataBuffers.of(v))),
          TUint16.class,
          a -> of(a, shorts(a), short[]::new, (s, v) -> TUint16.tensorOf(s, DataBuffers.of(v))),
          TUint8.class,
          a -> of(a, bytes(a), byte[]::new, (s, v) -> TUint8.tensorOf(s, DataBuffers.of(v))),
          TBool.class,
          a -> of(a, truths(a), boolean[]::new, (s, v) -> TBool.tensorOf(s, DataBuffers.of(v))));

  private final A numbers;
  private final int width;
  private final IntFunction<A> array;
  private final BiFunction<Shape, A, Tensor> tensor;

  private ExampleRows(
      A numbers, int width, IntFunction<A> array, BiFunction<Shape, A, Tensor> tensor) {
    this.numbers = numbers;
    this.width = width;
    this.array = array;
    this.tensor = tensor;
  }

  private static <A> ExampleRows<A> of(
      NumpyArray from, A numbers, IntFunction<A> array, BiFunction<Shape, A, Tensor> tensor) {
    int width = Math.toIntExact(from.shape().size() / from.shape().get(0));
    return new ExampleRows<>(numbers, width, array, tensor);
  }

  /**
   * Takes an array.
   *
   * @param values of one row or more
   * @param type of what it is fed to
   * @throws IllegalArgumentException if the type does not hold a number, or is none of numbers
   */
  static ExampleRows<?> of(NumpyArray values, Class<?> type) {
    String label = type.getSimpleName().substring(1).toLowerCase(Locale.ROOT);
    Function<NumpyArray, ExampleRows<?>> maker = BY_TYPE.get(type);
    if (maker == null) {
      throw new IllegalArgumentException(
          "the model must take numbers or truth values, but takes " + label);
    }
    try {
      return maker.apply(values);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + "; the model takes " + label, e);
    }
  }

  private static float[] below(float beyond, float[] values) {
    for (float value : values) {
      if (Float.isFinite(value) && Math.abs(value) >= beyond) {
        throw new IllegalArgumentException("numbers must be below " + beyond + ", got " + value);
      }
    }
    return values;
  }

  private static int[] ints(NumpyArray array) {
    return Arrays.stream(array.longs(Integer.MIN_VALUE, Integer.MAX_VALUE))
        .mapToInt(value -> (int) value)
        .toArray();
  }

  private static short[] shorts(NumpyArray array) {
    long[] values = array.longs(0, (1 << Short.SIZE) - 1);
    short[] shorts = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      shorts[i] = (short) values[i];
    }
    return shorts;
  }

  private static byte[] bytes(NumpyArray array) {
    long[] values = array.longs(0, (1 << Byte.SIZE) - 1);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static boolean[] truths(NumpyArray array) {
    long[] values = array.longs(0, 1);
    boolean[] truths = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      truths[i] = values[i] != 0;
    }
    return truths;
  }

  /**
   * Some rows.
   *
   * @param chosen which
   * @param row the shape of one
   * @return {@code [chosen, row]}; the caller closes it
   */
  @SuppressWarnings("SuspiciousSystemArraycopy") // of one type by construction
  Tensor of(int[] chosen, Shape row) {
    A some = array.apply(chosen.length * width);
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(numbers, chosen[i] * width, some, i * width, width);
    }
    return tensor.apply(row.prepend(chosen.length), some);
  }
}
