/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * A tensor of a golden case: {@code {"dtype", "shape", "values"}}, values flat and row-major.
 *
 * <p>Values are kept as text, since a float32 is to be parsed as one and an int64 need not fit a
 * double.
 */
public final class GoldenTensor {
  private static final List<String> DTYPES =
      List.of("float32", "float64", "int32", "int64", "uint8", "bool", "string");

  private static final int MOST_UINT8 = 255;

  /** Infinities and NaN as other languages write them, and as Java reads them. */
  private static final Map<String, String> NOT_FINITE =
      Map.of(
          "inf", "Infinity",
          "infinity", "Infinity",
          "-inf", "-Infinity",
          "-infinity", "-Infinity",
          "nan", "NaN");

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

  static GoldenTensor read(String path, JsonNode node) {
    if (!isTensor(node) || node.size() != 3) {
      throw new IllegalArgumentException(
          path + " must be {\"dtype\", \"shape\", \"values\"}, got " + node);
    }
    String dtype = node.get("dtype").asText();
    if (!DTYPES.contains(dtype)) {
      throw new IllegalArgumentException(
          path + "/dtype must be one of " + DTYPES + ", got " + dtype);
    }
    Shape shape =
        Shape.of(
            elements(path + "/shape", node.get("shape"), "a size", GoldenTensor::isSize)
                .mapToLong(JsonNode::longValue)
                .toArray());
    String[] values =
        elements(path + "/values", node.get("values"), "a " + dtype, v -> isValue(dtype, v))
            .map(v -> dtype.startsWith("float") ? number(v) : v.asText())
            .toArray(String[]::new);
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          path + "/values must fill the shape " + shape + ", got " + values.length);
    }
    return new GoldenTensor(dtype, shape, values);
  }

  static GoldenTensor zeros(Shape shape) {
    String[] values = new String[Math.toIntExact(shape.size())];
    Arrays.fill(values, "0");
    return new GoldenTensor("float32", shape, values);
  }

  private static Stream<JsonNode> elements(
      String path, JsonNode array, String what, Predicate<JsonNode> is) {
    if (!array.isArray()) {
      throw new IllegalArgumentException(path + " must be an array, got " + array);
    }
    for (int i = 0; i < array.size(); i++) {
      if (!is.test(array.get(i))) {
        throw new IllegalArgumentException(
            path + "/" + i + " must be " + what + ", got " + array.get(i));
      }
    }
    return IntStream.range(0, array.size()).mapToObj(array::get);
  }

  private static boolean isSize(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
  }

  private static boolean isValue(String dtype, JsonNode node) {
    return switch (dtype) {
      case "int32" -> node.isIntegralNumber() && node.canConvertToInt();
      case "int64" -> node.isIntegralNumber() && node.canConvertToLong();
      case "uint8" -> isSize(node) && node.longValue() <= MOST_UINT8;
      case "bool" -> node.isBoolean();
      case "string" -> node.isTextual();
      default -> node.isNumber() || NOT_FINITE.containsKey(lower(node));
    };
  }

  private static String number(JsonNode node) {
    return NOT_FINITE.getOrDefault(lower(node), node.asText());
  }

  private static String lower(JsonNode node) {
    return node.asText().toLowerCase(Locale.ROOT);
  }

  /**
   * The type by its name in the case.
   *
   * @return {@code float32}, {@code float64}, {@code int32}, {@code int64}, {@code uint8}, {@code
   *     bool} or {@code string}
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
   * The texts of a string tensor.
   *
   * @return the values, row-major
   */
  public List<String> texts() {
    return List.of(values);
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
    return dtype.equals("string")
        ? TString.tensorOf(shape, DataBuffers.ofObjects(values))
        : toTensor(dtype);
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
      case "uint8" -> {
        byte[] b = new byte[v.length];
        for (int i = 0; i < b.length; i++) {
          b[i] = (byte) (int) v[i];
        }
        yield TUint8.tensorOf(shape, DataBuffers.of(b));
      }
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
      case "float32" -> Float.parseFloat(text);
      case "float64" -> Double.parseDouble(text);
      case "int32", "int64", "uint8" -> Long.parseLong(text);
      case "bool" -> Boolean.parseBoolean(text) ? 1 : 0;
      default -> throw new IllegalArgumentException("dtype must be numeric, got " + dtype);
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
