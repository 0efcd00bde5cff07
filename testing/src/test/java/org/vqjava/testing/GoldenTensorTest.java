/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

class GoldenTensorTest {
  @Test
  void float32IsReadAsFloat32AndFloat64AsFloat64() throws JsonProcessingException {
    assertArrayEquals(
        new double[] {0.1f, Float.MIN_VALUE}, tensor("float32", "[2]", "[0.1, 1e-45]").doubles());
    assertArrayEquals(
        new double[] {0.1, 1e-45}, tensor("float64", "[2]", "[0.1, 1e-45]").doubles());
  }

  /** As other languages write them, bare or as texts. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"float32|['nan', 'inf', '-inf']", "float64|['NaN', 'Infinity', '-Infinity']"})
  void valuesMayBeNanOrInfinite(String dtype, String values) throws JsonProcessingException {
    assertArrayEquals(
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY},
        tensor(dtype, "[3]", values).doubles());
  }

  @Test
  void aTensorHasTheTypeShapeAndValuesOfTheCase() throws JsonProcessingException {
    made(TFloat32.class, tensor("float32", "[2, 1]", "[0.1, -0.0]"), 0.1f, -0.0);
    made(TFloat64.class, tensor("float64", "[2, 1]", "[0.1, 'nan']"), 0.1, Double.NaN);
    made(TInt32.class, tensor("int32", "[2, 1]", "[-2147483648, 7]"), Integer.MIN_VALUE, 7);
    made(TInt64.class, tensor("int64", "[2, 1]", "[3000000000, -1]"), 3e9, -1);
    made(TBool.class, tensor("bool", "[2, 1]", "[true, false]"), 1, 0);
    made(TUint8.class, tensor("uint8", "[2, 1]", "[255, 0]"), 255, 0);
  }

  @Test
  void aLargeInt64IsNotRoundedOnItsWayIntoATensor() throws JsonProcessingException {
    try (var made = (TInt64) tensor("int64", "[]", "[9007199254740993]").toTensor()) {
      assertEquals(9007199254740993L, made.getLong());
    }
  }

  @Test
  void aFloat32CaseRunsInFloat64() throws JsonProcessingException {
    try (var made = (TFloat64) tensor("float32", "[]", "[0.1]").toTensor("float64")) {
      assertEquals(0.1f, made.getDouble());
    }
  }

  @Test
  void aScalarIsOneValue() throws JsonProcessingException {
    assertEquals(Shape.scalar(), tensor("float32", "[]", "[2]").shape());
    assertEquals(2, tensor("float32", "[]", "[2]").scalar());
    assertEquals("train", tensor("string", "[]", "['train']").text());
    refused(
        "a tensor of one value is needed, got shape [2]",
        () -> tensor("float32", "[2]", "[2, 3]").scalar());
    refused(
        "a tensor of one value is needed, got shape [0]",
        () -> tensor("string", "[0]", "[]").text());
  }

  @Test
  void textIsNoNumber() throws JsonProcessingException {
    GoldenTensor text = tensor("string", "[]", "['5']");
    refused("dtype must be numeric, got string", text::doubles);
    refused("dtype must be numeric, got string", () -> text.toTensor("float32"));
    try (TString made = (TString) text.toTensor()) {
      assertEquals("5", made.getObject());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float32|[2, 2]|[1, 2, 3]       |/values must fill the shape [2, 2], got 3",
        "float32|[]    |[]              |/values must fill the shape [], got 0",
        "float32|[0]   |[1]             |/values must fill the shape [0], got 1",
        "float32|[]    |1               |/values must be an array, got 1",
        "float32|1     |[1]             |/shape must be an array, got 1",
        "float32|[-1]  |[1]             |/shape/0 must be a size, got -1",
        "float32|[1.5] |[1]             |/shape/0 must be a size, got 1.5",
        "float16|[1]   |[1]             |/dtype must be one of [float32, float64, int32, int64,"
            + " uint8, bool, string], got float16",
        "uint8  |[1]   |[256]           |/values/0 must be a uint8, got 256",
        "uint8  |[1]   |[-1]            |/values/0 must be a uint8, got -1",
        "float32|[2]   |[1, 'one']      |/values/1 must be a float32, got \"one\"",
        "float64|[1]   |[true]          |/values/0 must be a float64, got true",
        "float32|[1]   |[null]          |/values/0 must be a float32, got null",
        "float32|[1]   |[[1]]           |/values/0 must be a float32, got [1]",
        "int32  |[1]   |[1.0]           |/values/0 must be a int32, got 1.0",
        "int32  |[1]   |[2147483648]    |/values/0 must be a int32, got 2147483648",
        "int64  |[1]   |['1']           |/values/0 must be a int64, got \"1\"",
        "bool   |[1]   |[1]             |/values/0 must be a bool, got 1",
        "string |[1]   |[1]             |/values/0 must be a string, got 1"
      })
  void aDamagedTensorIsRefused(String dtype, String shape, String values, String message) {
    refused("inputs/x" + message, () -> tensor(dtype, shape, values));
  }

  @Test
  void aTensorHasThreeKeysAndNoOther() {
    refused(
        "inputs/x must be {\"dtype\", \"shape\", \"values\"}, got"
            + " {\"dtype\":\"bool\",\"shape\":[]}",
        () -> parse("{'dtype': 'bool', 'shape': []}"));
    refused(
        "inputs/x must be {\"dtype\", \"shape\", \"values\"}, got"
            + " {\"dtype\":\"bool\",\"shape\":[],\"values\":[true],\"scale\":2}",
        () -> parse("{'dtype': 'bool', 'shape': [], 'values': [true], 'scale': 2}"));
    refused("inputs/x must be {\"dtype\", \"shape\", \"values\"}, got 3", () -> parse("3"));
  }

  private static void made(Class<? extends TType> type, GoldenTensor golden, double... expected) {
    try (TType tensor = golden.toTensor()) {
      assertInstanceOf(type, tensor);
      assertEquals(Shape.of(2, 1), tensor.shape());
      assertArrayEquals(expected, TensorValues.doubles(tensor));
      assertArrayEquals(expected, golden.doubles());
    }
  }

  private static GoldenTensor tensor(String dtype, String shape, String values)
      throws JsonProcessingException {
    return parse(
        String.format(
            Locale.ROOT, "{'dtype': '%s', 'shape': %s, 'values': %s}", dtype, shape, values));
  }

  private static GoldenTensor parse(String json) throws JsonProcessingException {
    return GoldenTensor.read("inputs/x", new ObjectMapper().readTree(json.replace('\'', '"')));
  }

  private static void refused(String message, Executable read) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, read).getMessage());
  }
}
