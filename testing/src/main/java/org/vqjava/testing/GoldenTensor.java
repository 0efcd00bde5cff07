/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * A tensor of a golden case: {@code {"dtype", "shape", "values"}}, values flat and row-major.
 *
 * <p>Values are kept as text, since a float32 is to be parsed as one and an int64 need not fit a
 * double.
 */
public final class GoldenTensor {
  private final String dtype;
  private final Shape shape;
  private final String[] values;

  private GoldenTensor(String dtype, Shape shape, String[] values) {
    this.dtype = dtype;
    this.shape = shape;
    this.values = values;
  }

  static boolean isTensor(JsonNode node) {
    return node.isObject() && node.has("dtype") && node.has("shape") && node.has("values");
  }

  static GoldenTensor read(JsonNode node) {
    if (!isTensor(node) || node.size() != 3) {
      throw new IllegalArgumentException(
          "a tensor must be {\"dtype\", \"shape\", \"values\"}, got " + node);
    }
    JsonNode sizes = node.get("shape");
    Shape shape =
        Shape.of(IntStream.range(0, sizes.size()).mapToLong(i -> sizes.get(i).asLong()).toArray());
    JsonNode texts = node.get("values");
    if (texts.size() != shape.size()) {
      throw new IllegalArgumentException(
          "values must fill the shape " + shape + ", got " + texts.size());
    }
    return new GoldenTensor(
        node.get("dtype").asText(),
        shape,
        IntStream.range(0, texts.size())
            .mapToObj(i -> texts.get(i).asText())
            .toArray(String[]::new));
  }

  /**
   * The type by its name in the case.
   *
   * @return {@code float32}, {@code float64}, {@code int32}, {@code int64}, {@code bool} or {@code
   *     string}
   */
  public String dtype() {
    return dtype;
  }

  /**
   * The shape.
   *
   * @return the shape, scalar for {@code []}
   */
  public Shape shape() {
    return shape;
  }

  /**
   * The text of a scalar string.
   *
   * @return the value
   */
  public String text() {
    requireScalar();
    return values[0];
  }

  /**
   * The value of a scalar.
   *
   * @return the value, 1 or 0 for a boolean
   */
  public double scalar() {
    requireScalar();
    return parse(values[0]);
  }

  /**
   * The values as doubles: a float32 rounded to float32 first, a boolean as 1 or 0.
   *
   * @return a new array, row-major
   */
  public double[] doubles() {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = parse(values[i]);
    }
    return result;
  }

  /**
   * A new tensor of the case's own type.
   *
   * @return a tensor that the caller closes
   */
  public TType toTensor() {
    return toTensor(dtype);
  }

  /**
   * A new tensor of a given type, to run a float32 case in float64, say.
   *
   * @param type a name as in {@link #dtype()}
   * @return a tensor that the caller closes
   */
  public TType toTensor(String type) {
    double[] v = doubles();
    return switch (type) {
      case "float32" -> {
        float[] f = new float[v.length];
        for (int i = 0; i < f.length; i++) {
          f[i] = (float) v[i];
        }
        yield TFloat32.tensorOf(shape, DataBuffers.of(f));
      }
      case "float64" -> TFloat64.tensorOf(shape, DataBuffers.of(v));
      case "int32" ->
          TInt32.tensorOf(
              shape, DataBuffers.of(LongStream.of(longs()).mapToInt(Math::toIntExact).toArray()));
      case "int64" -> TInt64.tensorOf(shape, DataBuffers.of(longs()));
      case "bool" -> {
        boolean[] b = new boolean[v.length];
        for (int i = 0; i < b.length; i++) {
          b[i] = v[i] != 0;
        }
        yield TBool.tensorOf(shape, DataBuffers.of(b));
      }
      default -> throw new IllegalArgumentException("dtype must be numeric, got " + type);
    };
  }

  private long[] longs() {
    return LongStream.range(0, values.length).map(i -> Long.parseLong(values[(int) i])).toArray();
  }

  private double parse(String text) {
    return switch (dtype) {
      case "float32" -> Float.parseFloat(number(text));
      case "float64" -> Double.parseDouble(number(text));
      case "int32", "int64" -> Long.parseLong(text);
      case "bool" -> Boolean.parseBoolean(text) ? 1 : 0;
      default -> throw new IllegalArgumentException("dtype must be numeric, got " + dtype);
    };
  }

  /** Python writes infinities and NaN in its own way. */
  private static String number(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "infinity" -> "Infinity";
      case "-inf", "-infinity" -> "-Infinity";
      case "nan" -> "NaN";
      default -> text;
    };
  }

  private void requireScalar() {
    if (values.length != 1) {
      throw new IllegalArgumentException("a tensor of one value is needed, got shape " + shape);
    }
  }

  @Override
  public String toString() {
    return dtype + shape;
  }
}
