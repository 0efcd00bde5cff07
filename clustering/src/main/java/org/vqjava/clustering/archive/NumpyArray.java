/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.tensorflow.ndarray.Shape;

/**
 * An array as NumPy stores it, in the type it is stored in. It is made of Java's numbers and turned
 * into them; a number that the other type does not hold is refused, never cut.
 *
 * <pre>{@code
 * NumpyArray codes = NumpyArray.of(NumpyType.smallestFor(511), Shape.of(2, 3), indices);
 * long[] same = codes.longs();
 * }</pre>
 */
public final class NumpyArray {
  /** How many binary digits a float32 holds. */
  private static final int FLOAT_DIGITS = 24;

  /** How many binary digits a float64 holds. */
  private static final int DOUBLE_DIGITS = 53;

  private static final double BEYOND_LONG = 0x1p63;

  private final String name;
  private final NumpyType type;
  private final Shape shape;
  private final ByteBuffer numbers;

  /**
   * Takes bytes as they are.
   *
   * @param name of the array, with its file, for messages
   * @param numbers row-major, little-endian
   */
  NumpyArray(String name, NumpyType type, Shape shape, byte[] numbers) {
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.numbers = ByteBuffer.wrap(numbers).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Stores whole numbers.
   *
   * @param type what they are stored in
   * @param shape of as many numbers
   * @param values row-major
   * @return the array
   * @throws IllegalArgumentException if the type does not hold a number exactly, or there are not
   *     as many as the shape says
   */
  public static NumpyArray of(NumpyType type, Shape shape, long... values) {
    NumpyArray array = empty(type, shape, values.length);
    for (int i = 0; i < values.length; i++) {
      if (type.isWhole()) {
        array.putWhole(i, array.inRange(values[i], type.least(), type.most()));
      } else {
        array.putExactly(i, values[i]);
      }
    }
    return array;
  }

  /**
   * Stores whole numbers, indices say.
   *
   * @param type what they are stored in
   * @param shape of as many numbers
   * @param values row-major
   * @return the array
   * @throws IllegalArgumentException as {@link #of(NumpyType, Shape, long...)}
   */
  public static NumpyArray of(NumpyType type, Shape shape, int... values) {
    NumpyArray array = empty(type, shape, values.length);
    for (int i = 0; i < values.length; i++) {
      if (type.isWhole()) {
        array.putWhole(i, array.inRange(values[i], type.least(), type.most()));
      } else {
        array.putExactly(i, values[i]);
      }
    }
    return array;
  }

  /**
   * Stores numbers. Floating-point types take the nearest that they have.
   *
   * @param type what they are stored in
   * @param shape of as many numbers
   * @param values row-major
   * @return the array
   * @throws IllegalArgumentException if a number is out of the range of the type, or not whole
   *     where the type's are, or there are not as many as the shape says
   */
  public static NumpyArray of(NumpyType type, Shape shape, double... values) {
    NumpyArray array = empty(type, shape, values.length);
    for (int i = 0; i < values.length; i++) {
      array.put(i, values[i]);
    }
    return array;
  }

  /**
   * Stores numbers. Floating-point types take the nearest that they have.
   *
   * @param type what they are stored in
   * @param shape of as many numbers
   * @param values row-major
   * @return the array
   * @throws IllegalArgumentException as {@link #of(NumpyType, Shape, double...)}
   */
  public static NumpyArray of(NumpyType type, Shape shape, float... values) {
    NumpyArray array = empty(type, shape, values.length);
    if (type == NumpyType.FLOAT32) {
      array.numbers.asFloatBuffer().put(values);
      return array;
    }
    for (int i = 0; i < values.length; i++) {
      array.put(i, values[i]);
    }
    return array;
  }

  private static NumpyArray empty(NumpyType type, Shape shape, int count) {
    if (shape.hasUnknownDimension() || shape.size() != count) {
      throw new IllegalArgumentException(
          "shape must be of the " + count + " numbers given, got " + shape);
    }
    byte[] bytes = new byte[Math.multiplyExact(count, type.bytes())];
    return new NumpyArray("array", type, shape, bytes);
  }

  /**
   * What its numbers are stored in.
   *
   * @return the type
   */
  public NumpyType type() {
    return type;
  }

  /**
   * Its shape.
   *
   * @return known; a size may be 0
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Its numbers as float32: floating-point numbers the nearest, whole numbers as they are, truth
   * values 0 and 1.
   *
   * @return row-major; a new array
   * @throws IllegalArgumentException if float32 has not that whole number, or nothing so large
   */
  public float[] floats() {
    float[] values = new float[count()];
    if (type == NumpyType.FLOAT32) {
      numbers.asFloatBuffer().get(values);
      return values;
    }
    IntToDoubleFunction get = floating(FLOAT_DIGITS, "float32");
    for (int i = 0; i < values.length; i++) {
      double value = get.applyAsDouble(i);
      values[i] = (float) value;
      if (Float.isInfinite(values[i]) && !Double.isInfinite(value)) {
        throw refused("numbers that a float32 holds", text(value));
      }
    }
    return values;
  }

  /**
   * Its numbers as float64: every one exactly, truth values 0 and 1.
   *
   * @return row-major; a new array
   * @throws IllegalArgumentException if float64 has not that whole number
   */
  public double[] doubles() {
    double[] values = new double[count()];
    IntToDoubleFunction get = floating(DOUBLE_DIGITS, "float64");
    for (int i = 0; i < values.length; i++) {
      values[i] = get.applyAsDouble(i);
    }
    return values;
  }

  /**
   * Its numbers as whole numbers, truth values as 0 and 1.
   *
   * @return row-major; a new array
   * @throws IllegalArgumentException if a number is not whole, or no {@code long} holds it
   */
  public long[] longs() {
    return longs(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Its numbers as whole numbers of a range, truth values as 0 and 1.
   *
   * @param least of the range
   * @param most of the range
   * @return row-major; a new array
   * @throws IllegalArgumentException if a number is not whole, or out of the range
   */
  public long[] longs(long least, long most) {
    long[] values = new long[count()];
    if (type.isWhole()) {
      IntToLongFunction get = whole();
      for (int i = 0; i < values.length; i++) {
        long value = get.applyAsLong(i);
        if (type == NumpyType.UINT64 && value < 0) {
          throw notInRange(least, most, Long.toUnsignedString(value));
        }
        values[i] = inRange(value, least, most);
      }
    } else {
      IntToDoubleFunction get = floating(DOUBLE_DIGITS, "float64");
      for (int i = 0; i < values.length; i++) {
        values[i] = whole(get.applyAsDouble(i), least, most);
      }
    }
    return values;
  }

  int count() {
    return numbers.capacity() / type.bytes();
  }

  /** Row-major, little-endian; its own. */
  byte[] bytes() {
    return numbers.array();
  }

  /** The bits of whole numbers, with their sign if the type has one. */
  private IntToLongFunction whole() {
    return switch (type) {
      case BOOL -> i -> numbers.get(i) == 0 ? 0 : 1;
      case INT8 -> i -> numbers.get(i);
      case UINT8 -> i -> Byte.toUnsignedLong(numbers.get(i));
      case INT16 -> i -> numbers.getShort(i * Short.BYTES);
      case UINT16 -> i -> Short.toUnsignedLong(numbers.getShort(i * Short.BYTES));
      case INT32 -> i -> numbers.getInt(i * Integer.BYTES);
      case UINT32 -> i -> Integer.toUnsignedLong(numbers.getInt(i * Integer.BYTES));
      case INT64, UINT64 -> i -> numbers.getLong(i * Long.BYTES);
      case FLOAT16, FLOAT32, FLOAT64 -> throw new IllegalStateException(type + " is not whole");
    };
  }

  private IntToDoubleFunction floating(int digits, String holder) {
    return switch (type) {
      case FLOAT16 -> {
        float[] values = Packing.fromHalves(numbers.array());
        yield i -> values[i];
      }
      case FLOAT32 -> i -> numbers.getFloat(i * Float.BYTES);
      case FLOAT64 -> i -> numbers.getDouble(i * Double.BYTES);
      default -> {
        IntToLongFunction get = whole();
        yield i -> exact(get.applyAsLong(i), digits, holder);
      }
    };
  }

  /** By the digits between the first and the last that is 1, which is all that floats keep. */
  private double exact(long value, int digits, String holder) {
    boolean negative = value < 0 && type != NumpyType.UINT64;
    long size = negative ? -value : value;
    if (Long.SIZE - Long.numberOfLeadingZeros(size) - Long.numberOfTrailingZeros(size) > digits) {
      throw refused(
          "whole numbers that a " + holder + " holds",
          negative ? Long.toString(value) : Long.toUnsignedString(value));
    }
    int zeros = size == 0 ? 0 : Long.numberOfTrailingZeros(size);
    double exact = Math.scalb((double) (size >>> zeros), zeros);
    return negative ? -exact : exact;
  }

  private void put(int i, double value) {
    if (type.isWhole()) {
      putWhole(i, whole(value, type.least(), type.most()));
    } else {
      putFloating(i, value);
    }
  }

  private void putWhole(int i, long value) {
    switch (type.bytes()) {
      case 1 -> numbers.put(i, (byte) value);
      case 2 -> numbers.putShort(i * Short.BYTES, (short) value);
      case 4 -> numbers.putInt(i * Integer.BYTES, (int) value);
      default -> numbers.putLong(i * Long.BYTES, value);
    }
  }

  private void putExactly(int i, long value) {
    if (putFloating(i, exact(value, DOUBLE_DIGITS, type.toString())) != value) {
      throw refused("whole numbers that a " + type + " holds", Long.toString(value));
    }
  }

  /** Tells what is stored now. */
  private double putFloating(int i, double value) {
    double stored =
        switch (type) {
          case FLOAT16 -> {
            byte[] half = Packing.halves(new float[] {(float) value});
            numbers.put(i * half.length, half);
            yield Packing.fromHalves(half)[0];
          }
          case FLOAT32 -> {
            numbers.putFloat(i * Float.BYTES, (float) value);
            yield (float) value;
          }
          default -> {
            numbers.putDouble(i * Double.BYTES, value);
            yield value;
          }
        };
    if (Double.isInfinite(stored) && !Double.isInfinite(value)) {
      throw refused("numbers that a " + type + " holds", text(value));
    }
    return stored;
  }

  private long whole(double value, long least, long most) {
    if (value != Math.rint(value) || value < -BEYOND_LONG || value >= BEYOND_LONG) {
      throw notInRange(least, most, text(value));
    }
    return inRange((long) value, least, most);
  }

  private long inRange(long value, long least, long most) {
    if (value < least || value > most) {
      throw notInRange(least, most, Long.toString(value));
    }
    return value;
  }

  /** As short as it was typed: 3.7, not 3.700000047683716. */
  private static String text(double value) {
    return (float) value == value ? Float.toString((float) value) : Double.toString(value);
  }

  private IllegalArgumentException notInRange(long least, long most, String got) {
    return refused(String.format(Locale.ROOT, "whole numbers from %d to %d", least, most), got);
  }

  private IllegalArgumentException refused(String numbers, String got) {
    return new IllegalArgumentException(name + " must have " + numbers + ", got " + got);
  }
}
